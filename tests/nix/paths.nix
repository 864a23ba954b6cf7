# Paths, search paths, baseNameOf and dirOf. `toString` keeps them out of the store.
#= path-forms
map toString [ /a/b /a/../b /a/./b /. /a/b.c-d_e+f ]
#= path-relative
map builtins.baseNameOf [ ./number.nix ./dir/../text.txt dir/sub ]
#= path-relative-equal
[ (./. == ./dir/..) (./x + "/y" == ./x/y) (toString ./a == toString ./. + "/a") ]
#= path-type
map builtins.typeOf [ ./. /a (./a + "/b") (dirOf ./a) ]
#= path-concat
map toString [ (/a + "b") (/a + "/b/../c") (/a + /b) (/. + "a") (/a + "/") (/a + "//b//") (/a + "") ]
#= path-interpolation
let x = "b"; in map toString [ /a/${x}/c /a/${x} /a${x} /a/${x}.nix /${x}/a ]
#= path-interpolation-dots
let x = "b/../c"; in toString /a/${x}
#= string-plus-path
"x" + toString /a
#! path-trailing-slash
/a/
#! path-double-slash
/a//b
#= path-compare
[ (/a == /a) (/a == "/a") (/a != /b) (/a < /b) ]
#= base-name
map baseNameOf [ "a/b" "a/b/" "a/b//" "/" "" "a" /a/b /. ]
#= dir-name
[ (dirOf "a/b") (dirOf "/a") (dirOf "a") (dirOf "/") (dirOf "a/b/") (toString (dirOf /a/b)) (toString (dirOf /a)) (toString (dirOf /.)) ]
#= path-is-not-string
[ (builtins.isString /a) (builtins.isPath /a) (builtins.isPath "/a") ]
#= less-than-as-operator
let a = 1; b = 2; in a <b
#! search-path-missing
<no-such-thing-here>
#= search-path-missing-caught
(builtins.tryEval <no-such-thing-here>).success
#= nix-path
builtins.typeOf builtins.nixPath
#! division-or-path
let a = 6; b = 3; in [ (a / b) (a /b) ]
#= path-in-list
builtins.length [ ./a ./b /c ]
#= path-function
(x: toString x) /a/b
#= path-attr
let s = { a = /x; }; in toString (s.a + "/y")
#= path-exists
[ (builtins.pathExists ./number.nix) (builtins.pathExists ./nothing) (builtins.pathExists ./dir) (builtins.pathExists ./link) (builtins.pathExists (toString ./number.nix)) ]
#= to-path
toString (builtins.toPath "/a/../b")
#! to-path-relative
builtins.toPath "a"
#= home-path
builtins.substring 0 1 (toString ~/x)
