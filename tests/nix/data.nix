# Data formats, files, imports, string context.
#= to-json
map builtins.toJSON [ 1 (-1) "a\"b\\c\n\t" true null [ 1 [ ] ] { b = 1; a = { }; } { outPath = "/x"; a = 1; } { __toString = s: "str"; a = 1; } ]
#= to-json-nested
builtins.toJSON { a = [ { b = null; } ]; "c d" = "é😀"; }
#! to-json-function
builtins.toJSON (x: x)
#! to-json-function-inside
builtins.toJSON { a = [ (x: x) ]; }
#= from-json
map builtins.fromJSON [ "1" "-1" "1.5" "1e3" "\"a\"" "true" "null" "[1, [2]]" "{\"b\":1,\"a\":{}}" "\"\\u00e9\\ud83d\\ude00\"" " [ ] " "-0" "0.1" ]
#= from-json-duplicate
builtins.fromJSON ''{"a":1,"a":2}''
#= from-json-types
map (x: builtins.typeOf (builtins.fromJSON x)) [ "1" "1.0" "1e2" "123456789012345678901234567890" ]
#! from-json-empty
builtins.fromJSON ""
#! from-json-trailing
builtins.fromJSON "1 2"
#! from-json-comma
builtins.fromJSON "[1,]"
#! from-json-leading-zero
builtins.fromJSON "01"
#! from-json-control
builtins.fromJSON "\"a\tb\""
#! from-json-single-quotes
builtins.fromJSON "'a'"
#! from-json-huge
builtins.fromJSON "1e400"
#= json-round-trip
let v = { a = [ 1 2.5 null true "x" { } ]; b = { c = "\n"; }; }; in builtins.fromJSON (builtins.toJSON v) == v
#= from-toml
builtins.fromTOML "a = 1\n[b]\nc = \"x\"\nd = [1, 2.5, true]\n[[e]]\nf = 1\n[[e]]\nf = 2\n"
#= from-toml-inline
builtins.fromTOML "a = { b.c = 1, d = 'raw\\n' }\n\"x y\" = 0xff\n"
#= from-toml-multiline
builtins.fromTOML "a = '''\n  x\n''' \nb = \"\"\"\ny \\\n   z\"\"\"\n"
#! from-toml-date
builtins.fromTOML "a = 1979-05-27T07:32:00Z"
#! from-toml-bad
builtins.fromTOML "a = "
#! from-toml-duplicate
builtins.fromTOML "a = 1\na = 2"
#= to-xml
builtins.toXML { a = 1; b = [ true null "s<&>\"\n" 1.5 ]; c = x: x; d = { x, y ? 1, ... }@z: 1; e = { }: 1; f = { }; g = [ ]; }
#= to-xml-derivation
builtins.toXML { type = "derivation"; drvPath = "/d"; outPath = "/o"; x = 1; }
#= import
[ (import ./number.nix) (import ./dir) (import (./. + "/number.nix")) (import (toString ./number.nix)) ] == [ 42 (import ./dir/default.nix) 42 42 ]
#= import-values
removeAttrs (import ./dir) [ "self" ]
#= import-function
removeAttrs (import ./function.nix { a = 1; }) [ "here" ]
#= import-relative
let f = import ./function.nix { a = 1; }; in f.here == toString ./.
#! import-missing
import ./nothing.nix
#! import-broken
import ./broken.nix
#! import-relative-string
import "number.nix"
#= read-file
[ (builtins.readFile ./text.txt) (builtins.readFile ./empty) (builtins.readFile ./link) ]
#! read-file-missing
builtins.readFile ./nothing
#! read-file-directory
builtins.readFile ./dir
#= read-dir
[ (builtins.readDir ./.) (builtins.readDir ./dir) ]
#! read-dir-file
builtins.readDir ./text.txt
#= read-json-file
builtins.fromJSON (builtins.readFile ./data.json)
#= read-toml-file
builtins.fromTOML (builtins.readFile ./data.toml)
#= hash-file
[ (builtins.hashFile "sha256" ./text.txt) (builtins.hashFile "md5" ./empty) ]
#= find-file
toString (builtins.findFile [ { prefix = "x"; path = toString ./dir; } ] "x/sub") == toString ./dir/sub
#= find-file-empty-prefix
toString (builtins.findFile [ { prefix = ""; path = toString ./.; } ] "dir") == toString ./dir
#= context-free
[ (builtins.hasContext "a") (builtins.getContext "a") (builtins.unsafeDiscardStringContext "a") ]
#= json-of-context-free
builtins.toJSON (builtins.unsafeDiscardStringContext "x")
#= generated-module-like
let hosts = [ "a" "b" ]; in builtins.listToAttrs (map (name: { inherit name; value = { file = "${name}.age"; }; }) hosts)
#= agenix-like
let users = { alice = "ssh-ed25519 A"; bob = "ssh-ed25519 B"; }; systems = rec { web = "ssh-ed25519 W"; all = [ web ]; }; in { "a.age".publicKeys = builtins.attrValues users ++ systems.all; "b c.age" = { publicKeys = [ users.alice ]; armor = true; }; }
#= agenix-generated
with builtins; let keys = { h1 = "k1"; h2 = "k2"; }; mk = n: hosts: { name = "${n}.age"; value.publicKeys = map (h: keys.${h}) hosts; }; in listToAttrs [ (mk "x" [ "h1" ]) (mk "y" (attrNames keys)) ]
#= cur-pos
let p = (import ./position.nix).here; in [ p.line p.column (baseNameOf p.file) ]
#= unsafe-get-attr-pos
let s = import ./position.nix; at = n: v: removeAttrs (builtins.unsafeGetAttrPos n v) [ "file" ]; in [ (at "here" s) (at "quoted name" s) (at "indented" s) (at "deep" s.indented) ]
#= unsafe-get-attr-pos-missing
builtins.unsafeGetAttrPos "x" (import ./position.nix)
