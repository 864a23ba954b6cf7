# What `nix-instantiate --eval --strict` prints without `--json`.
#= scalars
[ 1 (-1) true false null 1.5 1.0 1.0e10 0.1 1.0e-5 123456789.0 ]
#= string
"a\"b\\c\n\t\r\${d} $e $${f} é ''"
#= set
{ b = 1; a = "x"; "c d" = 2; "if" = 3; "or" = 4; "a-b" = 5; "1a" = 6; "a'b" = 7; "" = 8; _x = 9; "é" = 10; }
#= nested
{ a = { }; b = [ ]; c = [ [ ] { } ]; d = { e.f = [ 1 ]; }; }
#= functions
[ (x: x) ({ a }: a) map (map (x: x)) builtins.add ]
#= paths
[ /a/b /. ]
#= empty-list
[ ]
#= empty-set
{ }
#= top-string
"plain"
#= top-null
null
#= top-function
x: x
#= derivation-like
{ type = "derivation"; name = "x"; }
