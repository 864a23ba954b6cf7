# Numbers, booleans, null, comments.
#= ints
[ 0 1 007 9223372036854775807 (-1) (- 1) (0 - 9223372036854775807 - 1) ]
#! int-too-large
9223372036854775808
#= floats
[ 1.0 .5 1. 1.5e3 1.5E+3 1.5e-3 0.1 00.0 1.e2 ]
#! float-too-large
1.0e999
#! float-without-point
1e5
#= keywords
[ true false null ]
#= keywords-shadowed
let true = false; null = 1; in [ true null ]
#= comments
1 # one
+ /* two */ 2 /**/ + /* * / */ 3
#! comment-open
1 /* never closed
#= minus
[ (1 - 2) (1 -2) (-(1)) (--1) (1- -1) ]
#= numeric-types
map builtins.typeOf [ 1 1.0 (1 + 1.0) (1 / 1) (2 * 0.5) ]
#= division
[ (7 / 2) (-7 / 2) (7 / -2) (7.0 / 2) (7 / 2.0) ]
#! division-by-zero
1 / 0
#! float-division-by-zero
1.0 / 0
#! float-division-by-zero-float
1.0 / 0.0
#= comparisons
[ (1 < 2) (2 <= 2) (3 > 4) (4 >= 4) (1 == 1.0) (1 != 1.0) (1 < 1.5) ("a" < "b") ("a" < "B") ("" < "a") ([ 1 2 ] < [ 1 3 ]) ([ ] < [ 1 ]) ([ 1 ] < [ ]) ([ [ 1 ] ] < [ [ 2 ] ]) (/a < /b) ]
#! compare-mixed
1 < "a"
#! compare-bools
true < false
#! compare-sets
{ } < { }
#! compare-nulls
null < null
#= bit-operations
[ (builtins.bitAnd 6 3) (builtins.bitOr 6 3) (builtins.bitXor 6 3) (builtins.bitAnd (-1) 255) ]
#= ceil-floor
[ (builtins.ceil 1.2) (builtins.floor 1.8) (builtins.ceil (-1.5)) (builtins.floor (-1.5)) (builtins.ceil 3) (builtins.floor 3) ]
#= arithmetic-builtins
[ (builtins.add 1 2) (builtins.sub 1 2) (builtins.mul 3 4) (builtins.div 9 2) (builtins.lessThan 1 2) (builtins.div 9.0 2) ]
#! add-wrong-type
builtins.add 1 "2"
#! empty
# nothing here
#! trailing
1 )
#! reserved
let in = 1; in 2
#= uris
[ http://example.org/a?b=c git+ssh://x:1/y a:b ]
#= url-is-string
builtins.typeOf http://x.y
#= bools
[ (true && false) (true || (throw "x")) (false && (throw "x")) (!true) (true -> false) (false -> (throw "x")) ]
#! not-a-bool
1 && true
#! not-negation
!1
#! implication-type
true -> 1
#= precedence
[ (1 + 2 * 3) (!true || true) ([ 1 ] ++ [ 2 ] == [ 1 2 ]) (1 == 1 && 2 == 2 || false) (-1 + 2) (!(1 == 2)) (true -> true -> false) (2 - 1 - 1) (8 / 4 / 2) (1 + 1 == 2) ({ a = 1; } // { b = 2; } == { a = 1; b = 2; }) (!{ } ? a) (builtins.length [ 1 ] + 1) ]
#! non-associative
1 == 1 == 1
#! non-associative-less
1 < 2 < 3
