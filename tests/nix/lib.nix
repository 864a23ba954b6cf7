# hostward's model of nixpkgs' `lib`. The answers after `#>` are those of nixpkgs itself.
#= trivial
#> [1, 1, 2, 20, true, 1, -1, 1, 2, -1, [1, 2], {"a": 2}, 1, null, -6, "true", "no"]
with lib; [ (id 1) (const 1 2) (flip sub 1 3) (pipe 2 [ (add 3) (mul 4) ]) (xor true false) (mod 7 3) (mod (-7) 3) (min 1 2) (max 1 2) (compare 1 2) (concat [ 1 ] [ 2 ]) (mergeAttrs { a = 1; } { a = 2; }) (defaultTo 1 null) (mapNullable (add 1) null) (bitNot 5) (boolToString true) (boolToYesNo false) ]
#= trivial-digits
#> ["FA", "0", 255, [1, 1, 0, 1], -1]
with lib; [ (toHexString 250) (toHexString 0) (fromHexString "0xFf") (toBaseDigits 2 13) (splitByAndCompare (hasPrefix "f") compare compare "foo" "bar") ]
#= trivial-functions
#> [{"a": true}, true, false, {"a": false, "b": true}, 5, 3]
with lib; [ (functionArgs (setFunctionArgs (x: x) { a = true; })) (isFunction { __functor = _: x: x; }) (isFunction 1) (functionArgs ({ a, b ? 1 }: a)) ((toFunction 5) 1) ((mirrorFunctionArgs ({ a }: a) (x: x.a)) { a = 3; }) ]
#= throw-if
#> [false, 2, 3, false]
with lib; [ (builtins.tryEval (throwIf true "no" 1)).success (throwIfNot true "no" 2) (warnIf false "w" 3) (builtins.tryEval (throwIfNot false "no" 2)).success ]
#= asserts
#> [true, false, true, false, true]
with lib; [ (assertMsg true "m") (builtins.tryEval (assertMsg false "m")).success (assertOneOf "x" 1 [ 1 2 ]) (builtins.tryEval (assertOneOf "x" 3 [ 1 2 ])).success (asserts.assertEachOneOf "x" [ 1 2 ] [ 1 2 3 ]) ]
#= fixed-points
#> [{"a": 1, "b": 2}, 0, {"a": 1, "b": 12}, 20, 20]
with lib; [ (fix (self: { a = 1; b = self.a + 1; })) (converge (x: x / 2) 16) ((extends (final: prev: { b = final.a + prev.b; }) (self: { a = 1; b = 2; })) { a = 10; }) (fix (extends (composeExtensions (f: p: { a = p.a + 1; }) (f: p: { a = p.a * 10; })) (self: { a = 1; }))).a (fix (extends (composeManyExtensions [ (f: p: { a = p.a + 1; }) (f: p: { a = p.a * 10; }) ]) (self: { a = 1; }))).a ]
#= extensible
#> [1, 2, 2]
let o = lib.makeExtensible (self: { a = 1; b = self.a; }); p = o.extend (final: prev: { a = prev.a + 1; }); q = p.extend (toplevel: { c = toplevel; }); in [ o.b p.b (p.extend (f: p: { c = f.b; })).c ]
#= to-extension
#> [{"a": 1}, 2]
with lib; [ ((toExtension { a = 1; }) 1 2) ((toExtension (final: prev: prev)) 1 2) ]
#= lib-extends-itself
#> "Xy"
(lib.extend (final: prev: { mine = prev.strings.toUpper "x"; both = final.mine + "y"; })).both
#= lists-basic
#> [[1], [1], [1], "abz", "zab", ["a0", "b1"], ["a1", "b2"], [1, 3], [1, 2, 3, 4, 5], [1], [1, 4]]
with lib; [ (singleton 1) (toList 1) (toList [ 1 ]) (foldr (a: b: a + b) "z" [ "a" "b" ]) (foldl (a: b: a + b) "z" [ "a" "b" ]) (imap0 (i: v: "${v}${toString i}") [ "a" "b" ]) (imap1 (i: v: "${v}${toString i}") [ "a" "b" ]) (ifilter0 (i: v: i == 0 || v > 2) [ 1 2 3 ]) (flatten [ 1 [ 2 [ 3 ] 4 ] 5 ]) (flatten 1) (remove 3 [ 1 3 4 3 ]) ]
#= lists-search
#> [6, 7, null, 1, null, "multiple", 3, "none", 2, true, false]
with lib; [ (findFirst (x: x > 3) 7 [ 1 6 4 ]) (findFirst (x: x > 9) 7 [ 1 6 4 ]) (findFirst (x: x == null) 7 [ 1 null ]) (lists.findFirstIndex (x: x > 3) null [ 0 6 4 ]) (lists.findFirstIndex (x: x > 9) null [ 0 6 4 ]) (findSingle (x: x == 3) "none" "multiple" [ 1 3 3 ]) (findSingle (x: x == 3) "none" "multiple" [ 1 3 ]) (findSingle (x: x == 3) "none" "multiple" [ 1 9 ]) (count (x: x == 3) [ 3 2 3 ]) (any (x: x > 1) [ 1 2 ]) (all (x: x > 1) [ 1 2 ]) ]
#= lists-slices
#> [[1, 2], [1], [], [3], [], [2, 3], [1, 2], [], [1, 2], [2, 3, 4], [], [], [1, 2], 3, [3, 2, 1], [2, 3, 4], [], ["a", "a"]]
with lib; [ (take 2 [ 1 2 3 ]) (take 9 [ 1 ]) (take 0 [ 1 ]) (drop 2 [ 1 2 3 ]) (drop 9 [ 1 ]) (takeEnd 2 [ 1 2 3 ]) (dropEnd 1 [ 1 2 3 ]) (dropEnd 5 [ 1 ]) (takeEnd 9 [ 1 2 ]) (sublist 1 3 [ 1 2 3 4 5 ]) (sublist 1 3 [ ]) (sublist 4 3 [ 1 2 3 ]) (init [ 1 2 3 ]) (last [ 1 2 3 ]) (reverseList [ 1 2 3 ]) (range 2 4) (range 3 2) (replicate 2 "a") ]
#= lists-empty-ends
#> [false, false]
[ (builtins.tryEval (lib.init [ ])).success (builtins.tryEval (lib.last [ ])).success ]
#= lists-sets
#> [[3, 2, 4], false, [3, 2], [1, 4, 5], true, false, ["a", "b"]]
with lib; [ (unique [ 3 2 3 4 ]) (allUnique [ 1 2 1 ]) (intersectLists [ 1 2 3 ] [ 6 3 2 ]) (subtractLists [ 3 2 ] [ 1 2 3 4 5 3 ]) (mutuallyExclusive [ 1 ] [ 2 ]) (mutuallyExclusive [ 1 ] [ 1 ]) (uniqueStrings [ "b" "a" "b" ]) ]
#= lists-zip
#> [["he", "lo"], [{"fst": 1, "snd": "a"}], ["13", "14", "23", "24"], {"big": [5, 3], "small": [1, 2]}, {"big": 12, "small": 3}, {"right": [5, 3, 4], "wrong": [1, 2]}]
with lib; [ (zipListsWith (a: b: a + b) [ "h" "l" ] [ "e" "o" "x" ]) (zipLists [ 1 2 ] [ "a" ]) (crossLists (x: y: "${toString x}${toString y}") [ [ 1 2 ] [ 3 4 ] ]) (groupBy (x: if x > 2 then "big" else "small") [ 5 1 2 3 ]) (groupBy' add 0 (x: if x > 2 then "big" else "small") [ 5 1 2 3 4 ]) (partition (x: x > 2) [ 5 1 2 3 4 ]) ]
#= lists-sort
#> [[1, 2, 3], ["b", "aa", "dd", "cccc"], ["disk8", "disk9", "disk11", "disk100"], ["10.5.16.62", "10.46.133.149", "10.54.16.25"], ["v0.0.9", "v0.2", "v0.15"], 1, -1, 1]
with lib; [ (sort lessThan [ 3 1 2 ]) (sortOn stringLength [ "aa" "b" "cccc" "dd" ]) (naturalSort [ "disk11" "disk8" "disk100" "disk9" ]) (naturalSort [ "10.46.133.149" "10.5.16.62" "10.54.16.25" ]) (naturalSort [ "v0.2" "v0.15" "v0.0.9" ]) (compareLists compare [ "a" ] [ ]) (compareLists compare [ 1 2 ] [ 1 2 3 ]) (compareLists compare [ 1 3 ] [ 1 2 3 ]) ]
#= lists-prefix
#> [true, false, [2], [1, 2], [], [1, "x", 3], [1, 2]]
with lib.lists; [ (hasPrefix [ 1 2 ] [ 1 2 3 ]) (hasPrefix [ 0 ] [ 1 ]) (removePrefix [ 1 ] [ 1 2 ]) (commonPrefix [ 1 2 3 ] [ 1 2 4 ]) (commonPrefix [ ] [ 1 ]) (replaceElemAt [ 1 2 3 ] 1 "x") (concatAttrValues { a = [ 1 ]; b = [ 2 ]; }) ]
#= toposort
#> [{"result": ["/", "/home", "/home/user", "other"]}, {"cycle": ["/home/user", "/", "/"], "loops": ["/"]}, {"result": [1, 2, 3]}, {"minimal": "/", "rest": ["/home", "other"], "visited": ["/home/user"]}, {"cycle": "/", "loops": ["/"], "rest": ["/home", "other"], "visited": ["/", "/home/user"]}, {"result": []}]
with lib; [ (toposort hasPrefix [ "/home/user" "other" "/" "/home" ]) (toposort hasPrefix [ "/home/user" "other" "/" "/home" "/" ]) (toposort (a: b: a < b) [ 3 2 1 ]) (listDfs true hasPrefix [ "/home/user" "other" "/" "/home" ]) (listDfs true hasPrefix [ "/home/user" "other" "/" "/home" "/" ]) (toposort (a: b: false) [ ]) ]
#= attrs-by-path
#> [3, 6, 6, {}, true, false, true, 3, {"a": {"b": 3}}, 3, ["a", "b"]]
with lib; [ (attrByPath [ "a" "b" ] 6 { a.b = 3; }) (attrByPath [ "z" "b" ] 6 { a.b = 3; }) (attrByPath [ "a" "b" "c" ] 6 { a.b = 3; }) (attrByPath [ ] 1 { }) (hasAttrByPath [ "a" "b" ] { a.b = 1; }) (hasAttrByPath [ "a" "c" ] { a.b = 1; }) (hasAttrByPath [ ] { }) (getAttrFromPath [ "a" "b" ] { a.b = 3; }) (setAttrByPath [ "a" "b" ] 3) (setAttrByPath [ ] 3) (attrsets.longestValidPathPrefix [ "a" "b" "x" ] { a.b = { }; }) ]
#= attrs-update-many
#> [{"a": {"b": {"d": 1}}, "x": {"y": "xy"}}, {"a": 1}]
with lib; [ (updateManyAttrsByPath [ { path = [ "a" "b" ]; update = old: { d = old.c; }; } { path = [ "a" "b" "c" ]; update = old: old + 1; } { path = [ "x" "y" ]; update = old: "xy"; } ] { a.b.c = 0; }) (updateManyAttrsByPath [ ] { a = 1; }) ]
#= attrs-map
#> [{"foo_x": "bar-a", "foo_y": "bar-b"}, ["xa", "yb"], {"x": "a", "xa": "a", "y": "b", "yb": "b"}, {"bar": "x_bar", "foo": "x_foo"}, {"aa": 1}, [{"name": "a", "value": 1}, {"name": "b", "value": 2}], {"foo": 1}, {"a": {}}, "xayb", {"a": [2, 3], "b": [4]}]
with lib; [ (mapAttrs' (n: v: nameValuePair ("foo_" + n) ("bar-" + v)) { x = "a"; y = "b"; }) (mapAttrsToList (n: v: n + v) { x = "a"; y = "b"; }) (concatMapAttrs (n: v: { ${n} = v; ${n + v} = v; }) { x = "a"; y = "b"; }) (genAttrs [ "foo" "bar" ] (n: "x_" + n)) (genAttrs' [ "a" ] (n: nameValuePair (n + n) 1)) (attrsToList { a = 1; b = 2; }) (filterAttrs (n: v: n == "foo") { foo = 1; bar = 2; }) (filterAttrsRecursive (n: v: v != null) { a = { b = null; }; c = null; }) (foldlAttrs (acc: n: v: acc + n + v) "" { x = "a"; y = "b"; }) (foldAttrs (i: acc: [ i ] ++ acc) [ ] [ { a = 2; } { a = 3; } { b = 4; } ]) ]
#= attrs-recursive
#> [{"d": "d-D", "n": {"a": "n-a-A", "m": {"b": "n-m-b-B"}}}, {"a": "set", "b": {"c": 1}}, [["b"], [1]], ["a/", "b/"], ["a.b=1", "c=2"]]
with lib; [ (mapAttrsRecursive (path: value: concatStringsSep "-" (path ++ [ value ])) { n = { a = "A"; m = { b = "B"; }; }; d = "D"; }) (mapAttrsRecursiveCond (as: !(as ? stop)) (path: value: if isAttrs value then "set" else value) { a = { stop = true; }; b = { c = 1; }; }) (collect isList { a = { b = [ "b" ]; }; c = [ 1 ]; }) (collect (x: x ? outPath) { a = { outPath = "a/"; }; b = { outPath = "b/"; }; }) (mapAttrsToListRecursive (path: value: "${concatStringsSep "." path}=${toString value}") { a.b = 1; c = 2; }) ]
#= attrs-product
#> [[{"a": 1, "b": 10}, {"a": 1, "b": 20}, {"a": 2, "b": 10}, {"a": 2, "b": 20}], ["1-3", "1-4", "2-3", "2-4"], [{}]]
with lib; [ (cartesianProduct { a = [ 1 2 ]; b = [ 10 20 ]; }) (mapCartesianProduct ({ a, b }: "${a}-${b}") { a = [ "1" "2" ]; b = [ "3" "4" ]; }) (cartesianProduct { }) ]
#= attrs-zip
#> [{"a": ["x", "y"]}, {"a": ["x", "y"], "b": ["z"]}, {"a": ["x", "y"], "b": ["z"]}, {"a": 3, "b": 1, "c": 2}, {}]
with lib; [ (zipAttrsWithNames [ "a" ] (n: vs: vs) [ { a = "x"; } { a = "y"; b = "z"; } ]) (zipAttrsWith (n: vs: vs) [ { a = "x"; } { a = "y"; b = "z"; } ]) (zipAttrs [ { a = "x"; } { a = "y"; b = "z"; } ]) (mergeAttrsList [ { a = 0; b = 1; } { c = 2; } { a = 3; } ]) (mergeAttrsList [ ]) ]
#= attrs-recursive-update
#> [{"boot": {"loader": {"grub": {"device": "", "enable": true}}}}, {"bar": 3, "baz": 4, "foo": {"bar": 1, "quz": 2}}, {"a": {"b": 2}}, {"a": null}]
with lib; [ (recursiveUpdate { boot.loader.grub = { enable = true; device = "/dev/hda"; }; } { boot.loader.grub.device = ""; }) (recursiveUpdateUntil (path: l: r: path == [ "foo" ]) { foo.bar = 1; foo.baz = 2; bar = 3; } { foo.bar = 1; foo.quz = 2; baz = 4; }) (recursiveUpdate { a = 1; } { a.b = 2; }) (recursiveUpdate { a.b = 1; } { a = null; }) ]
#= attrs-match
#> [true, false, false, {"a": 1, "b": 3}, {"a": 1, "b": 2}, [1, 2], {}, "foo.\"10\".bar", "<root attribute path>", true, "d", "o", "l", {"a": 1, "recurseForDerivations": true}]
with lib; [ (matchAttrs { cpu = { }; } { cpu = { bits = 64; }; }) (matchAttrs { cpu.bits = 32; } { cpu = { bits = 64; }; }) (matchAttrs { a = 1; } { }) (overrideExisting { a = 1; b = 2; } { b = 3; c = 4; }) (getAttrs [ "a" "b" ] { a = 1; b = 2; c = 3; }) (attrVals [ "a" "b" ] { a = 1; b = 2; }) (optionalAttrs false { a = 1; }) (showAttrPath [ "foo" "10" "bar" ]) (showAttrPath [ ]) (isDerivation { type = "derivation"; }) (getOutput "dev" { dev = "d"; out = "o"; }) (getBin { out = "o"; }) (getLib { lib = "l"; }) (recurseIntoAttrs { a = 1; }) ]
#= union-of-disjoint
#> [{"a": 1, "b": 2}, false]
[ (lib.attrsets.unionOfDisjoint { a = 1; } { b = 2; }) (builtins.tryEval (lib.attrsets.unionOfDisjoint { a = 1; } { a = 2; }).a).success ]
#= strings-join
#> ["ab", "abac", "1-b2-c", "u/l", "A-B", "6-3-2", "a: foo-0.1\nb: foo-0.2", "a\nb\n", ["u", "/", "l", "/", "b"], [], "vvv", "x", "", "a, b"]
with lib; [ (concatStrings [ "a" "b" ]) (concatMapStrings (x: "a" + x) [ "b" "c" ]) (concatImapStrings (p: x: "${toString p}-${x}") [ "b" "c" ]) (concatStringsSep "/" [ "u" "l" ]) (concatMapStringsSep "-" toUpper [ "a" "b" ]) (concatImapStringsSep "-" (p: x: toString (x / p)) [ 6 6 6 ]) (concatMapAttrsStringSep "\n" (n: v: "${n}: foo-${v}") { a = "0.1"; b = "0.2"; }) (concatLines [ "a" "b" ]) (intersperse "/" [ "u" "l" "b" ]) (intersperse "/" [ ]) (strings.replicate 3 "v") (optionalString true "x") (optionalString false "x") (join ", " [ "a" "b" ]) ]
#= strings-split
#> [["foo", "bar", "baz"], ["", "usr", "local", "bin"], ["", "a", "b", ""], [""], ["a", "b", ""], ["a", "b", "c"], "nix", ["foo", "bar", "baz"], ["a", ".b"]]
with lib; [ (splitString "." "foo.bar.baz") (splitString "/" "/usr/local/bin") (splitString "" "ab") (splitString "ab" "") (splitString "\n" "a\nb\n") (stringToCharacters "abc") (stringAsChars (x: if x == "a" then "i" else x) "nax") (strings.splitStringBy (prev: curr: elem curr [ "." "-" ]) false "foo.bar-baz") (strings.splitStringBy (prev: curr: curr == ".") true "a.b") ]
#= strings-look
#> [true, false, true, false, true, false, false, "bar.baz", "foo", "home", "homefront", 2, 2, 3, 3, true]
with lib; [ (hasPrefix "a" "ab") (hasPrefix "ab" "a") (hasSuffix "b" "ab") (hasSuffix "ab" "b") (hasInfix "bc" "abcd") (hasInfix "foo" "abcd") (hasInfix "." "ab") (removePrefix "foo." "foo.bar.baz") (removePrefix "xxx" "foo") (removeSuffix "front" "homefront") (removeSuffix "xxx" "homefront") (strings.commonPrefixLength "abcd" "abx") (strings.commonSuffixLength "xcd" "abcd") (strings.levenshtein "foo" "bar") (strings.levenshtein "kitten" "sitting") (strings.levenshteinAtMost 2 "a" "abc") ]
#= strings-case
#> ["hello1", "HELLO", "Hello world", "helloWorldFooBar", "helloWorld", "a b", "", "a ", " a", " a ", "00015", "00015", "cbc"]
with lib; [ (toLower "HeLLo1") (toUpper "HeLLo") (toSentenceCase "hELLO wORLD") (toCamelCase "hello-world_foo bar") (toCamelCase "helloWorld") (trim "  a b \n") (trim " ") (trimWith { start = true; } " a ") (trimWith { end = true; } " a ") (trimWith { } " a ") (fixedWidthString 5 "0" "15") (fixedWidthNumber 5 15) (replaceString "a" "b" "cac") ]
#= strings-escape
#> ["\\(foo\\)", "'esc'\\''ape\nme'", "plain-1.2/x", "''", "one 'two three' 'four'\\''five'", "\\[\\^a-z]\\*\\$\\.\\+\\?\\(\\)\\|\\{}\\\\", "\"hello\\${}\\n\\\"\"", "hello", "\"0abc\"", "\"if\"", "a-b'", "&quot;test&quot; &apos;test&apos; &lt; &amp; &gt;", "foo%20bar%2Fé%3F", "foo\\x20bar"]
with lib; [ (escape [ "(" ")" ] "(foo)") (escapeShellArg "esc'ape\nme") (escapeShellArg "plain-1.2/x") (escapeShellArg "") (escapeShellArgs [ "one" "two three" "four'five" ]) (escapeRegex "[^a-z]*$.+?()|{}\\") (strings.escapeNixString "hello$\{}\n\"") (strings.escapeNixIdentifier "hello") (strings.escapeNixIdentifier "0abc") (strings.escapeNixIdentifier "if") (strings.escapeNixIdentifier "a-b'") (escapeXML ''"test" 'test' < & >'') (escapeURL "foo bar/é?") (strings.escapeC [ " " ] "foo bar") ]
#= strings-shell
#> ["a='x y'", "declare -a a=(x 'y z')", "declare -A a=([b]=1)", "a=1\nb='c d'", false, true, false]
with lib; [ (toShellVar "a" "x y") (toShellVar "a" [ "x" "y z" ]) (toShellVar "a" { b = 1; }) (toShellVars { a = 1; b = "c d"; }) (strings.isValidPosixName "a-b") (strings.isValidPosixName "_a1") (builtins.tryEval (toShellVar "a-b" 1)).success ]
#= strings-numbers
#> [1337, -4, 123, 0, false, false, false, 24, -4, 0, 0]
with lib; [ (toInt "1337") (toInt "-4") (toInt " 123 ") (toInt "0") (builtins.tryEval (toInt "00024")).success (builtins.tryEval (toInt "3.14")).success (builtins.tryEval (toInt "x")).success (toIntBase10 "00024") (toIntBase10 " -4 ") (toIntBase10 "0") (toIntBase10 "-0") ]
#= strings-like
#> [true, true, false, true, false, false, true, false, false]
with lib; [ (isStringLike "x") (isStringLike { outPath = "x"; }) (isStringLike 1) (strings.isConvertibleWithToString [ 1 "a" ]) (strings.isConvertibleWithToString { }) (isStorePath "/nix/store/d945ibfx9x185xf04b890y4f9g3cbb63-python/bin/x") (isStorePath "/nix/store/d945ibfx9x185xf04b890y4f9g3cbb63-python") (isStorePath "x") (isStorePath 1) ]
#= strings-names
#> ["youtube-dl", "2016.01.01", "a", "nix", true, true, false, "-hello.bar-foo", "unknown", "a-b.c", "/a/b/c/"]
with lib; [ (getName "youtube-dl-2016.01.01") (getVersion "youtube-dl-2016.01.01") (getName { pname = "a"; }) (nameFromURL "https://nixos.org/releases/nix/nix-1.7/nix-1.7-x86_64-linux.tar.bz2" "-") (versionOlder "1.1" "1.2") (versionAtLeast "1.1" "1.0") (versionOlder "1.1" "1.1") (strings.sanitizeDerivationName "../hello.bar # foo") (strings.sanitizeDerivationName "") (strings.sanitizeDerivationName "a b.c") (strings.normalizePath "/a//b///c/") ]
#= strings-flags
#> ["--enable-shared", "--disable-shared", "--with-a=b", "--without-a", "-Da:BOOL=TRUE", "-DA:STRING=b", "-Da=true", "-Da=disabled", "-Da=b", "/root/bin:/usr/bin", "/root/bin", "/l/lib"]
with lib; [ (enableFeature true "shared") (enableFeatureAs false "shared" "x") (withFeatureAs true "a" "b") (withFeature false "a") (cmakeBool "a" true) (cmakeFeature "A" "b") (mesonBool "a" true) (mesonEnable "a" false) (mesonOption "a" "b") (makeBinPath [ "/root" "/usr" null ]) (makeSearchPath "bin" [ "/root" ]) (makeLibraryPath [ { lib = "/l"; } ]) ]
#= versions
#> ["1", "2", "3", "1.2", ["1", "2"], "1.2.0", "1.3.0-rc1", "1.2.3"]
with lib.versions; [ (major "1.2.3") (minor "1.2.3") (patch "1.2.3") (majorMinor "1.2.3") (splitVersion "1.2") (pad 3 "1.2") (pad 3 "1.3-rc1") (pad 3 "1.2.3.4") ]
#= module-tags
#> [{"_type": "if", "condition": true, "content": 1}, {"_type": "merge", "contents": [1, 2]}, {"_type": "override", "content": 1, "priority": 50}, {"_type": "override", "content": 1, "priority": 1000}, {"_type": "override", "content": 1, "priority": 1500}, {"_type": "override", "content": 1, "priority": 3}, {"_type": "order", "content": 1, "priority": 500}, {"_type": "order", "content": 1, "priority": 1500}, {"_type": "order", "content": 1, "priority": 5}, {"_type": "override", "content": 1, "priority": 10}, {"_type": "override", "content": 1, "priority": 60}, {"_type": "if", "condition": true, "content": 1}, {"_type": "definition", "file": "f", "value": 1}, {"_type": "literalExpression", "text": "x"}, {"_type": "literalMD", "text": "x"}]
with lib; [ (mkIf true 1) (mkMerge [ 1 2 ]) (mkForce 1) (mkDefault 1) (mkOptionDefault 1) (mkOverride 3 1) (mkBefore 1) (mkAfter 1) (mkOrder 5 1) (mkVMOverride 1) (mkImageMediaOverride 1) (mkAssert true "m" 1) (mkDefinition { value = 1; file = "f"; }) (literalExpression "x") (literalMD "x") ]
#= module-properties
#> [[1, 3], [{"a": 1}, {"b": {"_type": "if", "condition": true, "content": 2}}], [{"file": "a", "value": 1}], [3, 2, 1]]
with lib; [ (modules.dischargeProperties (mkMerge [ (mkIf true 1) (mkIf false 2) 3 ])) (modules.pushDownProperties (mkMerge [ { a = 1; } (mkIf true { b = 2; }) ])) (modules.filterOverrides [ { file = "a"; value = mkForce 1; } { file = "b"; value = 2; } ]) (map (d: d.value) (modules.sortProperties [ { value = mkAfter 1; } { value = 2; } { value = mkBefore 3; } ])) ]
#= options
#> [{"_type": "option", "default": 1, "description": "d"}, {"_type": "option", "default": false, "description": "Whether to enable foo.", "example": true}, {"_type": "option", "default": 1, "defaultText": {"_type": "literalExpression", "text": "pkgs.a.b"}, "description": "The x package to use. E", "example": {"_type": "literalExpression", "text": "c"}}, {"_type": "option", "default": 1, "defaultText": {"_type": "literalExpression", "text": "pkgs.a"}, "description": "The a package to use."}, null, true, "a.\"b c\".*.<name>.d", "`a' and `b'"]
with lib; [ (removeAttrs (mkOption { default = 1; description = "d"; }) [ ]) (removeAttrs (mkEnableOption "foo") [ "type" ]) (removeAttrs (mkPackageOption { a.b = 1; } "x" { default = [ "a" "b" ]; example = "c"; extraDescription = "E"; }) [ "type" ]) (removeAttrs (mkPackageOption { a = 1; } "a" { }) [ "type" ]) (mkPackageOption { } "a" { default = null; nullable = true; }).default (isOption (mkOption { })) (showOption [ "a" "b c" "*" "<name>" "d" ]) (options.showFiles [ "a" "b" ]) ]
#= options-merge
#> [1, false, 1, false, [1, 2], {"a": 1, "b": 2}, "xy", true, [1], ["f"]]
with lib; let d = map (value: { file = "f"; inherit value; }); in [ (mergeEqualOption [ "a" ] (d [ 1 1 ])) (builtins.tryEval (mergeEqualOption [ "a" ] (d [ 1 2 ]))).success (mergeOneOption [ "a" ] (d [ 1 ])) (builtins.tryEval (mergeOneOption [ "a" ] (d [ 1 1 ]))).success (mergeDefaultOption [ "a" ] (d [ [ 1 ] [ 2 ] ])) (mergeDefaultOption [ "a" ] (d [ { a = 1; } { b = 2; } ])) (mergeDefaultOption [ "a" ] (d [ "x" "y" ])) (mergeDefaultOption [ "a" ] (d [ true false ])) (getValues (d [ 1 ])) (getFiles (d [ 1 ])) ]
#= alias-module
#> [{"_type": "if", "condition": true, "content": {"_type": "merge", "contents": [{}, {"_type": "if", "condition": true, "content": {"b": {"c": {"_type": "merge", "contents": [{"_type": "override", "content": 1, "priority": 100}, {"_type": "override", "content": 2, "priority": 100}]}}}}]}}, 5, true, "Alias of {option}`b.c`.", "int"]
with lib; let m = mkAliasOptionModule [ "a" ] [ "b" "c" ] { config.b.c = 5; options = { a = mkOption { } // { isDefined = true; definitions = [ 1 2 ]; highestPrio = 100; files = [ "f" ]; }; b.c = mkOption { type = types.int; }; }; }; in [ m.config (m.options.a.apply 1) m.options.a.visible m.options.a.description m.options.a.type.name ]
#= renamed-module
#> [{"_type": "if", "condition": true, "content": {"_type": "merge", "contents": [{"warnings": ["The option `a' defined in `f' has been renamed to `b.c'."]}, {"_type": "if", "condition": true, "content": {"b": {"c": {"_type": "merge", "contents": [{"_type": "override", "content": 1, "priority": 50}]}}}}]}}, false]
with lib; let m = mkRenamedOptionModule [ "a" ] [ "b" "c" ] { config.b.c = 5; options = { warnings = { }; a = mkOption { } // { isDefined = true; definitions = [ 1 ]; highestPrio = 50; files = [ "f" ]; }; b.c = mkOption { type = types.int; }; }; }; in [ m.config m.options.a.visible ]
#= removed-module
#> [[false], false, false]
with lib; let m = mkRemovedOptionModule [ "a" "b" ] "Use c." { options.a.b = mkOption { } // { isDefined = true; files = [ "f" ]; }; }; in [ (map (a: a.assertion) m.config.assertions) m.options.a.b.visible (builtins.tryEval (m.options.a.b.apply 1)).success ]
#= changed-module
#> [{"b": {"c": {"_type": "merge", "contents": [6]}}, "warnings": ["The option `a' defined in `f' has been changed to `b.c' that has a different type. Please read `b.c' documentation and update your configuration accordingly."]}, "_mkMergedOptionModule"]
with lib; let m = mkChangedOptionModule [ "a" ] [ "b" "c" ] (config: config.a + 1) { config.a = 5; options.a = mkOption { } // { files = [ "f" ]; }; }; in [ m.config m.options.a.default ]
#= alias-definitions
#> {"_type": "if", "condition": true, "content": {"_type": "merge", "contents": [1, 2]}}
lib.mkAliasDefinitions (lib.mkOption { } // { isDefined = true; definitions = [ 1 2 ]; })
#= module-location
#> [{"_file": "f", "imports": [{"a": 1}]}, {"_class": null, "_file": "f", "config": {"a": 1}, "disabledModules": [], "imports": [2], "key": "k", "options": {}}, {"_class": null, "_file": "f", "config": {"y": 2}, "disabledModules": [], "imports": [], "key": "k", "options": {"x": 1}}, false]
[ (lib.setDefaultModuleLocation "f" { a = 1; }) (lib.modules.unifyModuleSyntax "f" "k" { a = 1; imports = [ 2 ]; }) (lib.modules.unifyModuleSyntax "f" "k" { options.x = 1; config.y = 2; }) (builtins.tryEval (lib.modules.unifyModuleSyntax "f" "k" { options = { }; y = 2; })).success ]
#= types-names
#> [["int", "signed integer", "noun", [], false], ["str", "string", "noun", [], false], ["bool", "boolean", "noun", [], false], ["path", "absolute path", "noun", [], false], ["package", "package", "noun", [], false], ["float", "floating point number", "noun", [], false], ["anything", "anything", "noun", [], false], ["raw", "raw value", "noun", [], false], ["unspecified", "unspecified value", "noun", [], false], ["unsignedInt16", "16 bit unsigned integer; between 0 and 65535 (both inclusive)", "noun", [], false], ["unsignedInt8", "8 bit unsigned integer; between 0 and 255 (both inclusive)", "noun", [], false], ["signedInt16", "16 bit signed integer; between -32768 and 32767 (both inclusive)", "noun", [], false], ["positiveInt", "positive integer, meaning >0", "nonRestrictiveClause", [], false], ["unsignedInt", "unsigned integer, meaning >=0", "nonRestrictiveClause", [], false], ["intBetween", "integer between 1 and 3 (both inclusive)", "noun", [], false], ["nonEmptyStr", "non-empty string", "noun", [], false], ["singleLineStr", "(optionally newline-terminated) single-line string", "noun", [], false], ["separatedString", "strings concatenated with \"\\n\"", "noun", [], false], ["separatedString", "strings concatenated with \",\"", "noun", [], false], ["separatedString", "strings concatenated with \":\"", "noun", [], false], ["separatedString", "strings concatenated with \";\"", "noun", [], false], ["listOf", "list of signed integer", "composite", ["elemType"], true], ["attrsOf", "attribute set of string", "composite", ["elemType"], true], ["lazyAttrsOf", "lazy attribute set of string", "composite", ["elemType"], true], ["nullOr", "null or signed integer", "conjunction", ["elemType"], true], ["either", "signed integer or string", "conjunction", ["left", "right"], false], ["either", "signed integer or string or boolean", "conjunction", ["left", "right"], false], ["enum", "one of \"a\", 1", "conjunction", [], false], ["enum", "impossible (empty enum)", "noun", [], false], ["enum", "value 1 (singular enum)", "noun", [], false], ["submodule", "submodule", null, [], true], ["attrs", "attribute set", null, [], true], ["functionTo", "function that evaluates to a(n) signed integer", "composite", ["elemType"], false], ["deferredModule", "module", "noun", [], false], ["optionType", "optionType", "noun", [], false], ["coercedTo", "string or signed integer convertible to it", null, ["coercedType", "finalType"], false], ["listOf", "non-empty (list of signed integer)", "composite", ["elemType"], false], ["listOf", "list of (null or signed integer)", "composite", ["elemType"], true], ["nullOr", "null or signed integer or list of signed integer", "conjunction", ["elemType"], true], ["attrsOf", "attribute set of (null or signed integer)", "composite", ["elemType"], true], ["path", "path in the Nix store", "noun", [], false], ["path", "absolute path not in the Nix store", "noun", [], false], ["submodule", "d", null, [], true], ["int", "signed integer", "noun", [], false], ["numberBetween", "integer or floating point number between 1 and 2 (both inclusive)", "conjunction", ["left", "right"], false], ["numberPositive", "positive integer or floating point number, meaning >0", "nonRestrictiveClause", ["left", "right"], false], ["unique", "signed integer", "noun", ["elemType"], false], ["passwdEntry str", "string, not containing newlines or colons", "nonRestrictiveClause", [], false], ["boolByOr", "boolean (merged using or)", "noun", [], false], ["package", "package", "noun", [], false]]
with lib.types; map (t: [ t.name t.description t.descriptionClass (builtins.attrNames t.nestedTypes) (t.emptyValue ? value) ]) [ int str bool path package float anything raw unspecified port ints.u8 ints.s16 ints.positive ints.unsigned (ints.between 1 3) nonEmptyStr singleLineStr lines commas envVar (separatedString ";") (listOf int) (attrsOf str) (lazyAttrsOf str) (nullOr int) (either int str) (oneOf [ int str bool ]) (enum [ "a" 1 ]) (enum [ ]) (enum [ 1 ]) (submodule { }) attrs (functionTo int) deferredModule optionType (coercedTo int toString str) (nonEmptyListOf int) (listOf (nullOr int)) (nullOr (either int (listOf int))) (attrsOf (nullOr int)) pathInStore externalPath (submoduleWith { modules = [ ]; description = "d"; }) (addCheck int (x: true)) (numbers.between 1 2) numbers.positive (uniq int) (passwdEntry str) boolByOr shellPackage ]
#= types-check
#> [true, false, true, false, true, true, false, false, false, true, false, true, true, true, false, true, false, false, false, true, true, true, false, true, false, false, true, false, true]
with lib.types; map (c: c) [ (int.check 1) (int.check "1") (str.check "a") (str.check 1) (bool.check false) (port.check 65535) (port.check 65536) (ints.positive.check 0) (ints.between 1 3).check.x or (((ints.between 1 3).check) 4) ((listOf int).check [ ]) ((listOf int).check 1) ((attrsOf int).check { }) ((nullOr int).check null) ((enum [ 1 2 ]).check 2) ((enum [ 1 2 ]).check 3) ((either int str).check "x") ((either int str).check true) (nonEmptyStr.check " ") (singleLineStr.check "a\nb") (singleLineStr.check "a\n") ((strMatching "a+").check "aa") (path.check "/x") (path.check "x") ((coercedTo int toString str).check 5) ((passwdEntry str).check "a:b") ((nonEmptyListOf int).check [ ]) (package.check { type = "derivation"; }) (float.check 1) (number.check 1) ]
#= types-merge
#> ["x\ny", "x,y", "x", 1, true]
with lib.types; let d = map (value: { file = "f"; inherit value; }); in [ (lines.merge [ "a" ] (d [ "x" "y" ])) (commas.merge [ "a" ] (d [ "x" "y" ])) (str.merge [ "a" ] (d [ "x" "x" ])) (int.merge [ "a" ] (d [ 1 ])) (boolByOr.merge [ "a" ] (d [ true false ])) ]
#= generators-pretty
#> ["{\n  a = 1;\n  \"a b\" = <function>;\n  b = [\n    1\n    \"x\"\n    null\n    true\n    1.5\n  ];\n  c = { };\n  d = [ ];\n  f = <function, args: {x, y?}>;\n  g = ''\n    a\n    b'';\n  h = {\n    i = {\n      j = 1;\n    };\n  };\n}", "{ a = 1; b = [ 1 \"x\" ]; g = \"a\\nb\\\"\\${\"; }", "{\n    a = [\n      1\n      {\n        b = 2;\n      }\n    ];\n  }", "{\n  a = <x>;\n}", "''\n  a'''b\n  ''${c}\n''"]
with lib.generators; [ (toPretty { } { a = 1; b = [ 1 "x" null true 1.5 ]; c = { }; d = [ ]; "a b" = x: x; f = { x, y ? 1 }: 1; g = "a\nb"; h.i.j = 1; }) (toPretty { multiline = false; } { a = 1; b = [ 1 "x" ]; g = "a\nb\"\${"; }) (toPretty { indent = "  "; } { a = [ 1 { b = 2; } ]; }) (toPretty { allowPrettyValues = true; } { a = { __pretty = v: "<${v}>"; val = "x"; }; }) (toPretty { } "a''b\n\${c}\n") ]
#= generators-ini
#> ["[a]\nb=1\nc=x\nd=true\ne=null\n\n[f g]\n", "[a]\nb=1\nb=2\n", "a=1\n\n[b]\nc=1\n", "[b]\nc=1\n", "a=1\nb=x y\nc=null\nd=false\ne\\=f=g=h\n", "  a = 1\n", "[a]\n\tb = 1\n\n[f \"g h\"]\n\ti = 1\n\ti = 2\n\n[user]\n\tname = \"x y\"\n"]
with lib.generators; [ (toINI { } { a = { b = 1; c = "x"; d = true; e = null; }; "f g" = { }; }) (toINI { listsAsDuplicateKeys = true; } { a.b = [ 1 2 ]; }) (toINIWithGlobalSection { } { globalSection.a = 1; sections.b.c = 1; }) (toINIWithGlobalSection { } { globalSection = { }; sections.b.c = 1; }) (toKeyValue { } { a = 1; b = "x y"; c = null; d = false; "e=f" = "g=h"; }) (toKeyValue { mkKeyValue = mkKeyValueDefault { } " = "; indent = "  "; } { a = 1; }) (toGitINI { a.b = 1; f."g h".i = [ 1 2 ]; user.name = "x y"; }) ]
#= generators-data
#> ["{\"a\":[1]}", "{\"a\":[1]}", "{\n  [\"a\"] = {\n    1,\n    \"x\"\n  },\n  [\"b\"] = {\n    [\"c\"] = nil,\n    [\"d e\"] = true\n  },\n  [\"l\"] = (f())\n}", "{ 1, {}, {} }", "a = 1\nb = {\n  [\"c\"] = 2\n}\n", "{ a = [ +1 ], b = \"x\", c = True }", false, {"a": {"b": 1}}]
with lib.generators; [ (toJSON { } { a = [ 1 ]; }) (toYAML { } { a = [ 1 ]; }) (toLua { } { a = [ 1 "x" ]; b = { c = null; "d e" = true; }; l = mkLuaInline "f()"; }) (toLua { multiline = false; } [ 1 { } [ ] ]) (toLua { asBindings = true; } { a = 1; b.c = 2; }) (toDhall { } { a = [ 1 ]; b = "x"; c = true; }) (builtins.tryEval (withRecursion { depthLimit = 2; } { a.b.c.d = 1; }).a.b.c.d).success (withRecursion { depthLimit = 10; } { a.b = 1; }) ]
#= cli
#> [["-X", "PUT", "--data", "x", "--retry", "3", "--url", "a", "--url", "b", "--verbose"], "--data 'x y' -v", ["-XPUT", "--data=x", "--retry=3", "--url=a", "--url=b", "--verbose"], ["--a-b=1"]]
with lib.cli; [ (toGNUCommandLine { } { data = "x"; X = "PUT"; retry = 3; retry-delay = null; url = [ "a" "b" ]; silent = false; verbose = true; }) (toGNUCommandLineShell { } { data = "x y"; v = true; }) (toCommandLineGNU { } { data = "x"; X = "PUT"; retry = 3; n = null; url = [ "a" "b" ]; s = false; verbose = true; }) (toGNUCommandLine { optionValueSeparator = "="; } { a-b = 1; }) ]
#= customisation
#> [3, 6, 15, 103, {"a": false, "b": true}, 13, false]
with lib; let f = makeOverridable ({ a, b ? 2 }: { sum = a + b; }); g = f { a = 1; }; in [ g.sum (g.override { b = 5; }).sum ((g.override { b = 5; }).override { a = 10; }).sum (g.override (old: { a = old.a + 100; })).sum (functionArgs f) (callPackageWith { x = 1; y = 2; } ({ x, y ? 9, z ? 3 }: { s = x + y + z; }) { z = 10; }).s (builtins.isFunction (callPackageWith { x = 1; } ({ x }: { }) { }).override) ]
#= scopes
#> [2, 11]
let s = lib.makeScope (extra: f: a: lib.callPackageWith ({ base = 1; } // extra) f a) (self: { a = self.callPackage ({ base }: { v = base; }) { }; b = self.a.v + 1; }); in [ s.b (s.overrideScope (final: prev: { a = { v = 10; }; })).b ]
#= meta
#> [{"a": 1, "b": 2}, {"priority": 3}, "a-x-1.0", "/p/bin/x", "/p/bin/m", "n", "MIT", -10]
with lib; [ (addMetaAttrs { a = 1; } { meta.b = 2; }).meta (setPrio 3 { }).meta (appendToName "x" { name = "a-1.0"; }).name (getExe' { type = "derivation"; outPath = "/p"; } "x") (getExe { type = "derivation"; outPath = "/p"; meta.mainProgram = "m"; }) (setName "n" { }).name licenses.mit.spdxId (hiPrio { }).meta.priority ]
#= path-lib
#> ["/a/b/c", false, true, "./b/c", "./a/b", "./a/b/c", "./.", "./a/b/c", ["a", "b"], false, true, false, false, false]
with lib.path; [ (toString (append /a "b/./c")) (hasPrefix /a /ab) (hasPrefix /a /a/b) (removePrefix /a /a/b/c) (splitRoot /a/b).subpath (subpath.join [ "a" "./b/c" ]) (subpath.join [ ]) (subpath.normalise "a//b/./c/") (subpath.components "a/b") (subpath.isValid "a/../b") (subpath.isValid "a") (subpath.isValid "") (builtins.tryEval (subpath.normalise "../a")).success (builtins.tryEval (append /a "../b")).success ]
#= systems
#> [true, true, false, "aarch64-linux", "aarch64-unknown-linux-gnu", "aarch64", 64, "linux", true, true, "x86_64-apple-darwin", "x86_64-unknown-linux-gnu", "aarch64-linux", true, true, true, ".so"]
with lib.systems; let e = elaborate "aarch64-linux"; in [ e.isLinux e.isAarch64 e.isx86_64 e.system e.config e.parsed.cpu.name e.parsed.cpu.bits e.parsed.kernel.name e.is64bit (elaborate "x86_64-darwin").isDarwin (elaborate "x86_64-darwin").config (elaborate { system = "x86_64-linux"; }).config (elaborate { config = "aarch64-unknown-linux-gnu"; }).system (equals (elaborate "x86_64-linux") (elaborate "x86_64-linux")) (builtins.elem "x86_64-linux" doubles.linux) (builtins.elem "x86_64-linux" flakeExposed) e.extensions.sharedLibrary ]
#= sources-lib
#> [false, false, true, false, false, false, "0123456"]
with lib; [ (cleanSourceFilter "/a/.git" "directory") (cleanSourceFilter "/a/x.o" "regular") (cleanSourceFilter "/a/x.nix" "regular") (cleanSourceFilter "/a/x~" "regular") (cleanSourceFilter "/a/result-bin" "symlink") (cleanSourceFilter "/a/.x.swp" "regular") (sources.shortRev "0123456789abcdef0123456789abcdef01234567") ]
#= debug
#> [[{"expected": 2, "name": "testB", "result": 1}], {"expected": [true, true], "expr": [true, false]}, 1]
with lib; [ (runTests { testA = { expr = 1; expected = 1; }; testB = { expr = 1; expected = 2; }; other = { expr = 1; expected = 2; }; }) (testAllTrue [ true false ]) (traceIf false "x" 1) ]
