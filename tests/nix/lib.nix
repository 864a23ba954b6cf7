# hostward's model of nixpkgs' `lib`. The answers after `#>` are those of nixpkgs itself.
#= trivial
with lib; [ (id 1) (const 1 2) (flip sub 1 3) (pipe 2 [ (add 3) (mul 4) ]) (xor true false) (mod 7 3) (mod (-7) 3) (min 1 2) (max 1 2) (compare 1 2) (concat [ 1 ] [ 2 ]) (mergeAttrs { a = 1; } { a = 2; }) (defaultTo 1 null) (mapNullable (add 1) null) (bitNot 5) (boolToString true) (boolToYesNo false) ]
#= trivial-digits
with lib; [ (toHexString 250) (toHexString 0) (fromHexString "0xFf") (toBaseDigits 2 13) (splitByAndCompare (hasPrefix "f") compare compare "foo" "bar") ]
#= trivial-functions
with lib; [ (functionArgs (setFunctionArgs (x: x) { a = true; })) (isFunction { __functor = _: x: x; }) (isFunction 1) (functionArgs ({ a, b ? 1 }: a)) ((toFunction 5) 1) ((mirrorFunctionArgs ({ a }: a) (x: x.a)) { a = 3; }) ]
#= throw-if
with lib; [ (builtins.tryEval (throwIf true "no" 1)).success (throwIfNot true "no" 2) (warnIf false "w" 3) (builtins.tryEval (throwIfNot false "no" 2)).success ]
#= asserts
with lib; [ (assertMsg true "m") (builtins.tryEval (assertMsg false "m")).success (assertOneOf "x" 1 [ 1 2 ]) (builtins.tryEval (assertOneOf "x" 3 [ 1 2 ])).success (asserts.assertEachOneOf "x" [ 1 2 ] [ 1 2 3 ]) ]
#= fixed-points
with lib; [ (fix (self: { a = 1; b = self.a + 1; })) (converge (x: x / 2) 16) ((extends (final: prev: { b = final.a + prev.b; }) (self: { a = 1; b = 2; })) { a = 10; }) (fix (extends (composeExtensions (f: p: { a = p.a + 1; }) (f: p: { a = p.a * 10; })) (self: { a = 1; }))).a (fix (extends (composeManyExtensions [ (f: p: { a = p.a + 1; }) (f: p: { a = p.a * 10; }) ]) (self: { a = 1; }))).a ]
#= extensible
let o = lib.makeExtensible (self: { a = 1; b = self.a; }); p = o.extend (final: prev: { a = prev.a + 1; }); q = p.extend (toplevel: { c = toplevel; }); in [ o.b p.b (p.extend (f: p: { c = f.b; })).c ]
#= to-extension
with lib; [ ((toExtension { a = 1; }) 1 2) ((toExtension (final: prev: prev)) 1 2) ]
#= lib-extends-itself
(lib.extend (final: prev: { mine = prev.strings.toUpper "x"; both = final.mine + "y"; })).both
#= lists-basic
with lib; [ (singleton 1) (toList 1) (toList [ 1 ]) (foldr (a: b: a + b) "z" [ "a" "b" ]) (foldl (a: b: a + b) "z" [ "a" "b" ]) (imap0 (i: v: "${v}${toString i}") [ "a" "b" ]) (imap1 (i: v: "${v}${toString i}") [ "a" "b" ]) (ifilter0 (i: v: i == 0 || v > 2) [ 1 2 3 ]) (flatten [ 1 [ 2 [ 3 ] 4 ] 5 ]) (flatten 1) (remove 3 [ 1 3 4 3 ]) ]
#= lists-search
with lib; [ (findFirst (x: x > 3) 7 [ 1 6 4 ]) (findFirst (x: x > 9) 7 [ 1 6 4 ]) (findFirst (x: x == null) 7 [ 1 null ]) (lists.findFirstIndex (x: x > 3) null [ 0 6 4 ]) (lists.findFirstIndex (x: x > 9) null [ 0 6 4 ]) (findSingle (x: x == 3) "none" "multiple" [ 1 3 3 ]) (findSingle (x: x == 3) "none" "multiple" [ 1 3 ]) (findSingle (x: x == 3) "none" "multiple" [ 1 9 ]) (count (x: x == 3) [ 3 2 3 ]) (any (x: x > 1) [ 1 2 ]) (all (x: x > 1) [ 1 2 ]) ]
#= lists-slices
with lib; [ (take 2 [ 1 2 3 ]) (take 9 [ 1 ]) (take 0 [ 1 ]) (drop 2 [ 1 2 3 ]) (drop 9 [ 1 ]) (takeEnd 2 [ 1 2 3 ]) (dropEnd 1 [ 1 2 3 ]) (dropEnd 5 [ 1 ]) (takeEnd 9 [ 1 2 ]) (sublist 1 3 [ 1 2 3 4 5 ]) (sublist 1 3 [ ]) (sublist 4 3 [ 1 2 3 ]) (init [ 1 2 3 ]) (last [ 1 2 3 ]) (reverseList [ 1 2 3 ]) (range 2 4) (range 3 2) (replicate 2 "a") ]
#= lists-empty-ends
[ (builtins.tryEval (lib.init [ ])).success (builtins.tryEval (lib.last [ ])).success ]
#= lists-sets
with lib; [ (unique [ 3 2 3 4 ]) (allUnique [ 1 2 1 ]) (intersectLists [ 1 2 3 ] [ 6 3 2 ]) (subtractLists [ 3 2 ] [ 1 2 3 4 5 3 ]) (mutuallyExclusive [ 1 ] [ 2 ]) (mutuallyExclusive [ 1 ] [ 1 ]) (uniqueStrings [ "b" "a" "b" ]) ]
#= lists-zip
with lib; [ (zipListsWith (a: b: a + b) [ "h" "l" ] [ "e" "o" "x" ]) (zipLists [ 1 2 ] [ "a" ]) (crossLists (x: y: "${toString x}${toString y}") [ [ 1 2 ] [ 3 4 ] ]) (groupBy (x: if x > 2 then "big" else "small") [ 5 1 2 3 ]) (groupBy' add 0 (x: if x > 2 then "big" else "small") [ 5 1 2 3 4 ]) (partition (x: x > 2) [ 5 1 2 3 4 ]) ]
#= lists-sort
with lib; [ (sort lessThan [ 3 1 2 ]) (sortOn stringLength [ "aa" "b" "cccc" "dd" ]) (naturalSort [ "disk11" "disk8" "disk100" "disk9" ]) (naturalSort [ "10.46.133.149" "10.5.16.62" "10.54.16.25" ]) (naturalSort [ "v0.2" "v0.15" "v0.0.9" ]) (compareLists compare [ "a" ] [ ]) (compareLists compare [ 1 2 ] [ 1 2 3 ]) (compareLists compare [ 1 3 ] [ 1 2 3 ]) ]
#= lists-prefix
with lib.lists; [ (hasPrefix [ 1 2 ] [ 1 2 3 ]) (hasPrefix [ 0 ] [ 1 ]) (removePrefix [ 1 ] [ 1 2 ]) (commonPrefix [ 1 2 3 ] [ 1 2 4 ]) (commonPrefix [ ] [ 1 ]) (replaceElemAt [ 1 2 3 ] 1 "x") (concatAttrValues { a = [ 1 ]; b = [ 2 ]; }) ]
#= toposort
with lib; [ (toposort hasPrefix [ "/home/user" "other" "/" "/home" ]) (toposort hasPrefix [ "/home/user" "other" "/" "/home" "/" ]) (toposort (a: b: a < b) [ 3 2 1 ]) (listDfs true hasPrefix [ "/home/user" "other" "/" "/home" ]) (listDfs true hasPrefix [ "/home/user" "other" "/" "/home" "/" ]) (toposort (a: b: false) [ ]) ]
#= attrs-by-path
with lib; [ (attrByPath [ "a" "b" ] 6 { a.b = 3; }) (attrByPath [ "z" "b" ] 6 { a.b = 3; }) (attrByPath [ "a" "b" "c" ] 6 { a.b = 3; }) (attrByPath [ ] 1 { }) (hasAttrByPath [ "a" "b" ] { a.b = 1; }) (hasAttrByPath [ "a" "c" ] { a.b = 1; }) (hasAttrByPath [ ] { }) (getAttrFromPath [ "a" "b" ] { a.b = 3; }) (setAttrByPath [ "a" "b" ] 3) (setAttrByPath [ ] 3) (attrsets.longestValidPathPrefix [ "a" "b" "x" ] { a.b = { }; }) ]
#= attrs-update-many
with lib; [ (updateManyAttrsByPath [ { path = [ "a" "b" ]; update = old: { d = old.c; }; } { path = [ "a" "b" "c" ]; update = old: old + 1; } { path = [ "x" "y" ]; update = old: "xy"; } ] { a.b.c = 0; }) (updateManyAttrsByPath [ ] { a = 1; }) ]
#= attrs-map
with lib; [ (mapAttrs' (n: v: nameValuePair ("foo_" + n) ("bar-" + v)) { x = "a"; y = "b"; }) (mapAttrsToList (n: v: n + v) { x = "a"; y = "b"; }) (concatMapAttrs (n: v: { ${n} = v; ${n + v} = v; }) { x = "a"; y = "b"; }) (genAttrs [ "foo" "bar" ] (n: "x_" + n)) (genAttrs' [ "a" ] (n: nameValuePair (n + n) 1)) (attrsToList { a = 1; b = 2; }) (filterAttrs (n: v: n == "foo") { foo = 1; bar = 2; }) (filterAttrsRecursive (n: v: v != null) { a = { b = null; }; c = null; }) (foldlAttrs (acc: n: v: acc + n + v) "" { x = "a"; y = "b"; }) (foldAttrs (i: acc: [ i ] ++ acc) [ ] [ { a = 2; } { a = 3; } { b = 4; } ]) ]
#= attrs-recursive
with lib; [ (mapAttrsRecursive (path: value: concatStringsSep "-" (path ++ [ value ])) { n = { a = "A"; m = { b = "B"; }; }; d = "D"; }) (mapAttrsRecursiveCond (as: !(as ? stop)) (path: value: if isAttrs value then "set" else value) { a = { stop = true; }; b = { c = 1; }; }) (collect isList { a = { b = [ "b" ]; }; c = [ 1 ]; }) (collect (x: x ? outPath) { a = { outPath = "a/"; }; b = { outPath = "b/"; }; }) (mapAttrsToListRecursive (path: value: "${concatStringsSep "." path}=${toString value}") { a.b = 1; c = 2; }) ]
#= attrs-product
with lib; [ (cartesianProduct { a = [ 1 2 ]; b = [ 10 20 ]; }) (mapCartesianProduct ({ a, b }: "${a}-${b}") { a = [ "1" "2" ]; b = [ "3" "4" ]; }) (cartesianProduct { }) ]
#= attrs-zip
with lib; [ (zipAttrsWithNames [ "a" ] (n: vs: vs) [ { a = "x"; } { a = "y"; b = "z"; } ]) (zipAttrsWith (n: vs: vs) [ { a = "x"; } { a = "y"; b = "z"; } ]) (zipAttrs [ { a = "x"; } { a = "y"; b = "z"; } ]) (mergeAttrsList [ { a = 0; b = 1; } { c = 2; } { a = 3; } ]) (mergeAttrsList [ ]) ]
#= attrs-recursive-update
with lib; [ (recursiveUpdate { boot.loader.grub = { enable = true; device = "/dev/hda"; }; } { boot.loader.grub.device = ""; }) (recursiveUpdateUntil (path: l: r: path == [ "foo" ]) { foo.bar = 1; foo.baz = 2; bar = 3; } { foo.bar = 1; foo.quz = 2; baz = 4; }) (recursiveUpdate { a = 1; } { a.b = 2; }) (recursiveUpdate { a.b = 1; } { a = null; }) ]
#= attrs-match
with lib; [ (matchAttrs { cpu = { }; } { cpu = { bits = 64; }; }) (matchAttrs { cpu.bits = 32; } { cpu = { bits = 64; }; }) (matchAttrs { a = 1; } { }) (overrideExisting { a = 1; b = 2; } { b = 3; c = 4; }) (getAttrs [ "a" "b" ] { a = 1; b = 2; c = 3; }) (attrVals [ "a" "b" ] { a = 1; b = 2; }) (optionalAttrs false { a = 1; }) (showAttrPath [ "foo" "10" "bar" ]) (showAttrPath [ ]) (isDerivation { type = "derivation"; }) (getOutput "dev" { dev = "d"; out = "o"; }) (getBin { out = "o"; }) (getLib { lib = "l"; }) (recurseIntoAttrs { a = 1; }) ]
#= union-of-disjoint
[ (lib.attrsets.unionOfDisjoint { a = 1; } { b = 2; }) (builtins.tryEval (lib.attrsets.unionOfDisjoint { a = 1; } { a = 2; }).a).success ]
#= strings-join
with lib; [ (concatStrings [ "a" "b" ]) (concatMapStrings (x: "a" + x) [ "b" "c" ]) (concatImapStrings (p: x: "${toString p}-${x}") [ "b" "c" ]) (concatStringsSep "/" [ "u" "l" ]) (concatMapStringsSep "-" toUpper [ "a" "b" ]) (concatImapStringsSep "-" (p: x: toString (x / p)) [ 6 6 6 ]) (concatMapAttrsStringSep "\n" (n: v: "${n}: foo-${v}") { a = "0.1"; b = "0.2"; }) (concatLines [ "a" "b" ]) (intersperse "/" [ "u" "l" "b" ]) (intersperse "/" [ ]) (strings.replicate 3 "v") (optionalString true "x") (optionalString false "x") (join ", " [ "a" "b" ]) ]
#= strings-split
with lib; [ (splitString "." "foo.bar.baz") (splitString "/" "/usr/local/bin") (splitString "" "ab") (splitString "ab" "") (splitString "\n" "a\nb\n") (stringToCharacters "abc") (stringAsChars (x: if x == "a" then "i" else x) "nax") (strings.splitStringBy (prev: curr: elem curr [ "." "-" ]) false "foo.bar-baz") (strings.splitStringBy (prev: curr: curr == ".") true "a.b") ]
#= strings-look
with lib; [ (hasPrefix "a" "ab") (hasPrefix "ab" "a") (hasSuffix "b" "ab") (hasSuffix "ab" "b") (hasInfix "bc" "abcd") (hasInfix "foo" "abcd") (hasInfix "." "ab") (removePrefix "foo." "foo.bar.baz") (removePrefix "xxx" "foo") (removeSuffix "front" "homefront") (removeSuffix "xxx" "homefront") (strings.commonPrefixLength "abcd" "abx") (strings.commonSuffixLength "xcd" "abcd") (strings.levenshtein "foo" "bar") (strings.levenshtein "kitten" "sitting") (strings.levenshteinAtMost 2 "a" "abc") ]
#= strings-case
with lib; [ (toLower "HeLLo1") (toUpper "HeLLo") (toSentenceCase "hELLO wORLD") (toCamelCase "hello-world_foo bar") (toCamelCase "helloWorld") (trim "  a b \n") (trim " ") (trimWith { start = true; } " a ") (trimWith { end = true; } " a ") (trimWith { } " a ") (fixedWidthString 5 "0" "15") (fixedWidthNumber 5 15) (replaceString "a" "b" "cac") ]
#= strings-escape
with lib; [ (escape [ "(" ")" ] "(foo)") (escapeShellArg "esc'ape\nme") (escapeShellArg "plain-1.2/x") (escapeShellArg "") (escapeShellArgs [ "one" "two three" "four'five" ]) (escapeRegex "[^a-z]*$.+?()|{}\\") (strings.escapeNixString "hello$\{}\n\"") (strings.escapeNixIdentifier "hello") (strings.escapeNixIdentifier "0abc") (strings.escapeNixIdentifier "if") (strings.escapeNixIdentifier "a-b'") (escapeXML ''"test" 'test' < & >'') (escapeURL "foo bar/é?") (strings.escapeC [ " " ] "foo bar") ]
#= strings-shell
with lib; [ (toShellVar "a" "x y") (toShellVar "a" [ "x" "y z" ]) (toShellVar "a" { b = 1; }) (toShellVars { a = 1; b = "c d"; }) (strings.isValidPosixName "a-b") (strings.isValidPosixName "_a1") (builtins.tryEval (toShellVar "a-b" 1)).success ]
#= strings-numbers
with lib; [ (toInt "1337") (toInt "-4") (toInt " 123 ") (toInt "0") (builtins.tryEval (toInt "00024")).success (builtins.tryEval (toInt "3.14")).success (builtins.tryEval (toInt "x")).success (toIntBase10 "00024") (toIntBase10 " -4 ") (toIntBase10 "0") (toIntBase10 "-0") ]
#= strings-like
with lib; [ (isStringLike "x") (isStringLike { outPath = "x"; }) (isStringLike 1) (strings.isConvertibleWithToString [ 1 "a" ]) (strings.isConvertibleWithToString { }) (isStorePath "/nix/store/d945ibfx9x185xf04b890y4f9g3cbb63-python/bin/x") (isStorePath "/nix/store/d945ibfx9x185xf04b890y4f9g3cbb63-python") (isStorePath "x") (isStorePath 1) ]
#= strings-names
with lib; [ (getName "youtube-dl-2016.01.01") (getVersion "youtube-dl-2016.01.01") (getName { pname = "a"; }) (nameFromURL "https://nixos.org/releases/nix/nix-1.7/nix-1.7-x86_64-linux.tar.bz2" "-") (versionOlder "1.1" "1.2") (versionAtLeast "1.1" "1.0") (versionOlder "1.1" "1.1") (strings.sanitizeDerivationName "../hello.bar # foo") (strings.sanitizeDerivationName "") (strings.sanitizeDerivationName "a b.c") (strings.normalizePath "/a//b///c/") ]
#= strings-flags
with lib; [ (enableFeature true "shared") (enableFeatureAs false "shared" "x") (withFeatureAs true "a" "b") (withFeature false "a") (cmakeBool "a" true) (cmakeFeature "A" "b") (mesonBool "a" true) (mesonEnable "a" false) (mesonOption "a" "b") (makeBinPath [ "/root" "/usr" null ]) (makeSearchPath "bin" [ "/root" ]) (makeLibraryPath [ { lib = "/l"; } ]) ]
#= versions
with lib.versions; [ (major "1.2.3") (minor "1.2.3") (patch "1.2.3") (majorMinor "1.2.3") (splitVersion "1.2") (pad 3 "1.2") (pad 3 "1.3-rc1") (pad 3 "1.2.3.4") ]
#= module-tags
with lib; [ (mkIf true 1) (mkMerge [ 1 2 ]) (mkForce 1) (mkDefault 1) (mkOptionDefault 1) (mkOverride 3 1) (mkBefore 1) (mkAfter 1) (mkOrder 5 1) (mkVMOverride 1) (mkImageMediaOverride 1) (mkAssert true "m" 1) (mkDefinition { value = 1; file = "f"; }) (literalExpression "x") (literalMD "x") ]
#= module-properties
with lib; [ (modules.dischargeProperties (mkMerge [ (mkIf true 1) (mkIf false 2) 3 ])) (modules.pushDownProperties (mkMerge [ { a = 1; } (mkIf true { b = 2; }) ])) (modules.filterOverrides [ { file = "a"; value = mkForce 1; } { file = "b"; value = 2; } ]) (map (d: d.value) (modules.sortProperties [ { value = mkAfter 1; } { value = 2; } { value = mkBefore 3; } ])) ]
#= options
with lib; [ (removeAttrs (mkOption { default = 1; description = "d"; }) [ ]) (removeAttrs (mkEnableOption "foo") [ "type" ]) (removeAttrs (mkPackageOption { a.b = 1; } "x" { default = [ "a" "b" ]; example = "c"; extraDescription = "E"; }) [ "type" ]) (removeAttrs (mkPackageOption { a = 1; } "a" { }) [ "type" ]) (mkPackageOption { } "a" { default = null; nullable = true; }).default (isOption (mkOption { })) (showOption [ "a" "b c" "*" "<name>" "d" ]) (options.showFiles [ "a" "b" ]) ]
#= options-merge
with lib; let d = map (value: { file = "f"; inherit value; }); in [ (mergeEqualOption [ "a" ] (d [ 1 1 ])) (builtins.tryEval (mergeEqualOption [ "a" ] (d [ 1 2 ]))).success (mergeOneOption [ "a" ] (d [ 1 ])) (builtins.tryEval (mergeOneOption [ "a" ] (d [ 1 1 ]))).success (mergeDefaultOption [ "a" ] (d [ [ 1 ] [ 2 ] ])) (mergeDefaultOption [ "a" ] (d [ { a = 1; } { b = 2; } ])) (mergeDefaultOption [ "a" ] (d [ "x" "y" ])) (mergeDefaultOption [ "a" ] (d [ true false ])) (getValues (d [ 1 ])) (getFiles (d [ 1 ])) ]
#= alias-module
with lib; let m = mkAliasOptionModule [ "a" ] [ "b" "c" ] { config.b.c = 5; options = { a = mkOption { } // { isDefined = true; definitions = [ 1 2 ]; highestPrio = 100; files = [ "f" ]; }; b.c = mkOption { type = types.int; }; }; }; in [ m.config (m.options.a.apply 1) m.options.a.visible m.options.a.description m.options.a.type.name ]
#= renamed-module
with lib; let m = mkRenamedOptionModule [ "a" ] [ "b" "c" ] { config.b.c = 5; options = { warnings = { }; a = mkOption { } // { isDefined = true; definitions = [ 1 ]; highestPrio = 50; files = [ "f" ]; }; b.c = mkOption { type = types.int; }; }; }; in [ m.config m.options.a.visible ]
#= removed-module
with lib; let m = mkRemovedOptionModule [ "a" "b" ] "Use c." { options.a.b = mkOption { } // { isDefined = true; files = [ "f" ]; }; }; in [ (map (a: a.assertion) m.config.assertions) m.options.a.b.visible (builtins.tryEval (m.options.a.b.apply 1)).success ]
#= changed-module
with lib; let m = mkChangedOptionModule [ "a" ] [ "b" "c" ] (config: config.a + 1) { config.a = 5; options.a = mkOption { } // { files = [ "f" ]; }; }; in [ m.config m.options.a.default ]
#= alias-definitions
lib.mkAliasDefinitions (lib.mkOption { } // { isDefined = true; definitions = [ 1 2 ]; })
#= module-location
[ (lib.setDefaultModuleLocation "f" { a = 1; }) (lib.modules.unifyModuleSyntax "f" "k" { a = 1; imports = [ 2 ]; }) (lib.modules.unifyModuleSyntax "f" "k" { options.x = 1; config.y = 2; }) (builtins.tryEval (lib.modules.unifyModuleSyntax "f" "k" { options = { }; y = 2; })).success ]
#= types-names
with lib.types; map (t: [ t.name t.description t.descriptionClass (builtins.attrNames t.nestedTypes) (t.emptyValue ? value) ]) [ int str bool path package float anything raw unspecified port ints.u8 ints.s16 ints.positive ints.unsigned (ints.between 1 3) nonEmptyStr singleLineStr lines commas envVar (separatedString ";") (listOf int) (attrsOf str) (lazyAttrsOf str) (nullOr int) (either int str) (oneOf [ int str bool ]) (enum [ "a" 1 ]) (enum [ ]) (enum [ 1 ]) (submodule { }) attrs (functionTo int) deferredModule optionType (coercedTo int toString str) (nonEmptyListOf int) (listOf (nullOr int)) (nullOr (either int (listOf int))) (attrsOf (nullOr int)) pathInStore externalPath (submoduleWith { modules = [ ]; description = "d"; }) (addCheck int (x: true)) (numbers.between 1 2) numbers.positive (uniq int) (passwdEntry str) boolByOr shellPackage ]
#= types-check
with lib.types; map (c: c) [ (int.check 1) (int.check "1") (str.check "a") (str.check 1) (bool.check false) (port.check 65535) (port.check 65536) (ints.positive.check 0) (ints.between 1 3).check.x or (((ints.between 1 3).check) 4) ((listOf int).check [ ]) ((listOf int).check 1) ((attrsOf int).check { }) ((nullOr int).check null) ((enum [ 1 2 ]).check 2) ((enum [ 1 2 ]).check 3) ((either int str).check "x") ((either int str).check true) (nonEmptyStr.check " ") (singleLineStr.check "a\nb") (singleLineStr.check "a\n") ((strMatching "a+").check "aa") (path.check "/x") (path.check "x") ((coercedTo int toString str).check 5) ((passwdEntry str).check "a:b") ((nonEmptyListOf int).check [ ]) (package.check { type = "derivation"; }) (float.check 1) (number.check 1) ]
#= types-merge
with lib.types; let d = map (value: { file = "f"; inherit value; }); in [ (lines.merge [ "a" ] (d [ "x" "y" ])) (commas.merge [ "a" ] (d [ "x" "y" ])) (str.merge [ "a" ] (d [ "x" "x" ])) (int.merge [ "a" ] (d [ 1 ])) (boolByOr.merge [ "a" ] (d [ true false ])) ]
#= generators-pretty
with lib.generators; [ (toPretty { } { a = 1; b = [ 1 "x" null true 1.5 ]; c = { }; d = [ ]; "a b" = x: x; f = { x, y ? 1 }: 1; g = "a\nb"; h.i.j = 1; }) (toPretty { multiline = false; } { a = 1; b = [ 1 "x" ]; g = "a\nb\"\${"; }) (toPretty { indent = "  "; } { a = [ 1 { b = 2; } ]; }) (toPretty { allowPrettyValues = true; } { a = { __pretty = v: "<${v}>"; val = "x"; }; }) (toPretty { } "a''b\n\${c}\n") ]
#= generators-ini
with lib.generators; [ (toINI { } { a = { b = 1; c = "x"; d = true; e = null; }; "f g" = { }; }) (toINI { listsAsDuplicateKeys = true; } { a.b = [ 1 2 ]; }) (toINIWithGlobalSection { } { globalSection.a = 1; sections.b.c = 1; }) (toINIWithGlobalSection { } { globalSection = { }; sections.b.c = 1; }) (toKeyValue { } { a = 1; b = "x y"; c = null; d = false; "e=f" = "g=h"; }) (toKeyValue { mkKeyValue = mkKeyValueDefault { } " = "; indent = "  "; } { a = 1; }) (toGitINI { a.b = 1; f."g h".i = [ 1 2 ]; user.name = "x y"; }) ]
#= generators-data
with lib.generators; [ (toJSON { } { a = [ 1 ]; }) (toYAML { } { a = [ 1 ]; }) (toLua { } { a = [ 1 "x" ]; b = { c = null; "d e" = true; }; l = mkLuaInline "f()"; }) (toLua { multiline = false; } [ 1 { } [ ] ]) (toLua { asBindings = true; } { a = 1; b.c = 2; }) (toDhall { } { a = [ 1 ]; b = "x"; c = true; }) (builtins.tryEval (withRecursion { depthLimit = 2; } { a.b.c.d = 1; }).a.b.c.d).success (withRecursion { depthLimit = 10; } { a.b = 1; }) ]
#= cli
with lib.cli; [ (toGNUCommandLine { } { data = "x"; X = "PUT"; retry = 3; retry-delay = null; url = [ "a" "b" ]; silent = false; verbose = true; }) (toGNUCommandLineShell { } { data = "x y"; v = true; }) (toCommandLineGNU { } { data = "x"; X = "PUT"; retry = 3; n = null; url = [ "a" "b" ]; s = false; verbose = true; }) (toGNUCommandLine { optionValueSeparator = "="; } { a-b = 1; }) ]
#= customisation
with lib; let f = makeOverridable ({ a, b ? 2 }: { sum = a + b; }); g = f { a = 1; }; in [ g.sum (g.override { b = 5; }).sum ((g.override { b = 5; }).override { a = 10; }).sum (g.override (old: { a = old.a + 100; })).sum (functionArgs f) (callPackageWith { x = 1; y = 2; } ({ x, y ? 9, z ? 3 }: { s = x + y + z; }) { z = 10; }).s (builtins.isFunction (callPackageWith { x = 1; } ({ x }: { }) { }).override) ]
#= scopes
let s = lib.makeScope (extra: f: a: lib.callPackageWith ({ base = 1; } // extra) f a) (self: { a = self.callPackage ({ base }: { v = base; }) { }; b = self.a.v + 1; }); in [ s.b (s.overrideScope (final: prev: { a = { v = 10; }; })).b ]
#= meta
with lib; [ (addMetaAttrs { a = 1; } { meta.b = 2; }).meta (setPrio 3 { }).meta (appendToName "x" { name = "a-1.0"; }).name (getExe' { type = "derivation"; outPath = "/p"; } "x") (getExe { type = "derivation"; outPath = "/p"; meta.mainProgram = "m"; }) (setName "n" { }).name licenses.mit.spdxId (hiPrio { }).meta.priority ]
#= path-lib
with lib.path; [ (toString (append /a "b/./c")) (hasPrefix /a /ab) (hasPrefix /a /a/b) (removePrefix /a /a/b/c) (splitRoot /a/b).subpath (subpath.join [ "a" "./b/c" ]) (subpath.join [ ]) (subpath.normalise "a//b/./c/") (subpath.components "a/b") (subpath.isValid "a/../b") (subpath.isValid "a") (subpath.isValid "") (builtins.tryEval (subpath.normalise "../a")).success (builtins.tryEval (append /a "../b")).success ]
#= systems
with lib.systems; let e = elaborate "aarch64-linux"; in [ e.isLinux e.isAarch64 e.isx86_64 e.system e.config e.parsed.cpu.name e.parsed.cpu.bits e.parsed.kernel.name e.is64bit (elaborate "x86_64-darwin").isDarwin (elaborate "x86_64-darwin").config (elaborate { system = "x86_64-linux"; }).config (elaborate { config = "aarch64-unknown-linux-gnu"; }).system (equals (elaborate "x86_64-linux") (elaborate "x86_64-linux")) (builtins.elem "x86_64-linux" doubles.linux) (builtins.elem "x86_64-linux" flakeExposed) e.extensions.sharedLibrary ]
#= sources-lib
with lib; [ (cleanSourceFilter "/a/.git" "directory") (cleanSourceFilter "/a/x.o" "regular") (cleanSourceFilter "/a/x.nix" "regular") (cleanSourceFilter "/a/x~" "regular") (cleanSourceFilter "/a/result-bin" "symlink") (cleanSourceFilter "/a/.x.swp" "regular") (sources.shortRev "0123456789abcdef0123456789abcdef01234567") ]
#= debug
with lib; [ (runTests { testA = { expr = 1; expected = 1; }; testB = { expr = 1; expected = 2; }; other = { expr = 1; expected = 2; }; }) (testAllTrue [ true false ]) (traceIf false "x" 1) ]
#= hooks
#> [ false, false ]
[ (builtins.tryEval (lib.evalModules { modules = [ ]; })).success (builtins.tryEval (lib.nixosSystem { })).success ]
