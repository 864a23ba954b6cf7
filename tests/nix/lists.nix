# Lists and the builtins about them.
#= concat
[ ([ ] ++ [ ]) ([ 1 ] ++ [ 2 ] ++ [ 3 ]) ([ [ 1 ] ] ++ [ 2 ]) ]
#! concat-not-list
[ ] ++ 1
#= equality
[ ([ 1 2 ] == [ 1 2 ]) ([ 1 ] == [ 2 ]) ([ ] == [ ]) ([ 1 ] != [ 1 2 ]) ([ [ ] ] == [ [ ] ]) ]
#= head-tail
[ (builtins.head [ 1 2 ]) (builtins.tail [ 1 2 3 ]) (builtins.tail [ 1 ]) ]
#! head-empty
builtins.head [ ]
#! tail-empty
builtins.tail [ ]
#= elem-at
map (builtins.elemAt [ 1 2 3 ]) [ 0 1 2 ]
#! elem-at-out
builtins.elemAt [ 1 ] 1
#! elem-at-negative
builtins.elemAt [ 1 ] (-1)
#= length
[ (builtins.length [ ]) (builtins.length [ 1 [ 2 3 ] ]) ]
#! length-set
builtins.length { }
#= map-filter
[ (map (x: x * 2) [ 1 2 ]) (builtins.filter (x: x > 1) [ 1 2 3 ]) (map (x: x) [ ]) ]
#! filter-not-bool
builtins.filter (x: 1) [ 1 ]
#= elem
[ (builtins.elem 1 [ 1 2 ]) (builtins.elem { a = 1; } [ { a = 1; } ]) (builtins.elem 3 [ ]) (builtins.elem 1.0 [ 1 ]) ]
#= any-all
[ (builtins.any (x: x) [ false true (throw "lazy") ]) (builtins.all (x: x) [ true false (throw "lazy") ]) (builtins.any (x: x) [ ]) (builtins.all (x: x) [ ]) ]
#= concat-lists
builtins.concatLists [ [ 1 ] [ ] [ 2 3 ] ]
#= concat-map
builtins.concatMap (x: [ x (x + 1) ]) [ 1 10 ]
#! concat-map-not-list
builtins.concatMap (x: x) [ 1 ]
#= foldl
[ (builtins.foldl' (a: b: a - b) 10 [ 1 2 ]) (builtins.foldl' (a: b: a ++ [ b ]) [ ] [ 1 2 ]) (builtins.foldl' (a: b: a) 1 [ ]) ]
#! foldl-strict
builtins.foldl' (a: b: b) 0 [ (throw "x") 1 ]
#= gen-list
[ (builtins.genList (x: x * x) 5) (builtins.genList (x: x) 0) ]
#! gen-list-negative
builtins.genList (x: x) (-1)
#= gen-list-lazy
builtins.length (builtins.genList (x: throw "no") 3)
#= sort
[ (builtins.sort (a: b: a < b) [ 3 1 2 ]) (builtins.sort builtins.lessThan [ "b" "a" "C" ]) (builtins.sort (a: b: a < b) [ ]) ]
#= sort-stable
builtins.sort (a: b: a.k < b.k) [ { k = 1; v = "a"; } { k = 0; v = "b"; } { k = 1; v = "c"; } { k = 0; v = "d"; } ]
#= sort-lists
builtins.sort builtins.lessThan [ [ 2 ] [ 1 5 ] [ 1 ] [ ] ]
#! sort-mixed
builtins.sort builtins.lessThan [ 1 "a" ]
#= partition
builtins.partition (x: x > 2) [ 1 5 2 3 ]
#= generic-closure
builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: if x.key < 4 then [ { key = x.key + 1; } { key = x.key * 2; } ] else [ ]; }
#= generic-closure-strings
map (x: x.key) (builtins.genericClosure { startSet = [ { key = "a"; } { key = "a"; } ]; operator = x: if x.key == "a" then [ { key = "b"; } ] else [ ]; })
#! generic-closure-no-key
builtins.genericClosure { startSet = [ { } ]; operator = x: [ ]; }
#= nested
[ [ ] [ [ ] ] [ [ [ 1 ] ] ] ]
#= list-elements-are-not-calls
builtins.length [ (x: x) 1 builtins.add 2 3 ]
#= list-select
builtins.length [ { a = 1; }.a { b = 2; } ]
#= list-multiline
[
  1 # one
  /* two */ 2
]
#= match
[ (builtins.match "ab" "abc") (builtins.match "abc" "abc") (builtins.match "a(b)(c)" "abc") (builtins.match "[[:space:]]+([[:upper:]]+)[[:space:]]+" "  FOO   ") (builtins.match "(a)|(b)" "b") (builtins.match "" "") (builtins.match ".*" "a\nb") (builtins.match "(a|ab)(c|bcd)(d*)" "abcd") ]
#= match-brackets
[ (builtins.match "[]a-]+" "a]-") (builtins.match "[^]]" "]") (builtins.match "[\\.]" "\\") (builtins.match "\\{}" "{}") (builtins.match "a{2,3}" "aa") (builtins.match "[[:alnum:]_-]+" "a_-1") ]
#! match-invalid-brace
builtins.match "a{" "a"
#! match-invalid-escape
builtins.match "\\d" "1"
#! match-invalid-group
builtins.match "(" "a"
#! match-backreference
builtins.match "(a)\\1" "aa"
#= match-unicode
[ (builtins.match "." "é") (builtins.match ".." "é") (builtins.match "é+" "éé") ]
#= split
[ (builtins.split "(a)b" "abc") (builtins.split "([ac])" "abc") (builtins.split "(a)|(c)" "abc") (builtins.split "([[:upper:]]+)" " FOO ") (builtins.split "," "a,b,,c") (builtins.split "," "") (builtins.split "" "ab") (builtins.split "x*" "axb") (builtins.split "a|ab" "xabx") ]
#= split-lines
builtins.filter builtins.isString (builtins.split "\n" "a\nb\n")
#= set-to-list
map (n: { inherit n; }) (builtins.attrNames { x = 1; y = 2; })
#= quicksort
let q = l: if l == [ ] then [ ] else let p = builtins.partition (x: x < builtins.head l) (builtins.tail l); in q p.right ++ [ (builtins.head l) ] ++ q p.wrong; in q [ 3 1 4 1 5 9 2 6 ]
