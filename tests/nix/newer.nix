# Where Nix 2.24 and the Nix that most people have installed differ from 2.8: the answers are
# written down after `#>`, as JSON or as `error`.
#= pipe-into
#> 7
3 |> builtins.add 4
#= pipe-chain
#> [ 4, 6 ]
[ 1 2 ] |> map (x: x + 1) |> map (x: x * 2)
#= pipe-from
#> [ 2, 3 ]
map (x: x + 1) <| builtins.filter (x: x < 3) <| [ 1 2 3 ]
#= pipe-precedence
#> true
1 + 1 |> (x: x == 2)
#= overflow-add
#> error
9223372036854775807 + 1
#= overflow-sub
#> error
(-9223372036854775807) - 2
#= overflow-mul
#> error
9223372036854775807 * 2
#= overflow-div
#> error
(-9223372036854775807 - 1) / -1
#= overflow-negate
#> error
-(-9223372036854775807 - 1)
#= json-float
#> [ "1.0", "0.30000000000000004", "1e+100", "10000000000.0" ]
map builtins.toJSON [ 1.0 (0.1 + 0.2) 1.0e100 1.0e10 ]
#= json-unsigned
#> error
builtins.fromJSON "9223372036854775808"
#= json-nul
#> error
builtins.fromJSON "\"\\u0000\""
#= read-file-type
#> [ "regular", "directory", "symlink" ]
map builtins.readFileType [ ./text.txt ./dir ./link ]
#= convert-hash
#> "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
builtins.convertHash { hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; hashAlgo = "sha256"; toHashFormat = "sri"; }
#= parse-flake-ref
#> { "dir": "lib", "owner": "NixOS", "ref": "23.05", "repo": "nixpkgs", "type": "github" }
builtins.parseFlakeRef "github:NixOS/nixpkgs/23.05?dir=lib"
#= flake-ref-to-string
#> "github:NixOS/nixpkgs/23.05?dir=lib"
builtins.flakeRefToString { dir = "lib"; owner = "NixOS"; ref = "23.05"; repo = "nixpkgs"; type = "github"; }
#= warn
#> 5
builtins.warn "careful" 5
#= dynamic-nested-merge
#> { "a": { "b": 1, "c": 2 } }
{ a.${"b"} = 1; a.c = 2; }
#= nested-merge-of-dynamic-set
#> { "a": { "b": 1, "c": 2 } }
{ a = { ${"b"} = 1; }; a.c = 2; }
#= replace-strings-lazy
#> "b"
builtins.replaceStrings [ "a" "z" ] [ "b" (throw "not needed") ] "a"
#= foldl-lazy-start
#> 1
builtins.foldl' (a: b: b) (throw "not needed") [ 1 ]
#= try-eval-search-path
#> false
(builtins.tryEval <no-such-thing-here>).success
#= float-from-ceil-overflow
#> error
builtins.ceil 1.0e300
#= negative-substring-length
#> "ello"
builtins.substring 1 (-5) "hello"
#= group-by-strings
#> { "a": [ "ab", "ac" ], "b": [ "bc" ] }
builtins.groupBy (builtins.substring 0 1) [ "ab" "bc" "ac" ]
#= cur-pos-in-text
#> null
__curPos
