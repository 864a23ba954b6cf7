# Attribute sets: nesting, merging, rec, inherit, dynamic names, selection.
#= basic
{ b = 2; a = 1; "c d" = 3; "é" = 4; "" = 5; }
#= nested
{ a.b.c = 1; a.b.d = 2; a.e = 3; }
#= nested-merge
{ a = { b = 1; }; a.c = 2; }
#= nested-merge-after
{ a.c = 2; a = { b = 1; }; }
#! duplicate
{ a = 1; a = 2; }
#! duplicate-nested
{ a.b = 1; a.b = 2; }
#! nested-into-non-set
{ a = 1; a.b = 2; }
#= nested-set-with-rec
{ a = rec { x = 1; y = x; }; a.z = 3; }
#= nested-quoted
{ "a".b = 1; a."c" = 2; }
#= dynamic
let n = "x"; in { ${n} = 1; "${n}y" = 2; a.${n}.b = 3; ${"lit"} = 4; }
#= dynamic-null
{ ${null} = 1; a = 2; }
#! dynamic-not-string
{ ${1} = 1; }
#! dynamic-duplicate
let n = "a"; in { a = 1; ${n} = 2; }
#= quoted-in-let
let ${"a"} = 1; in a
#= static-interpolated-in-let
let "a b" = 1; in 2
#= rec
rec { a = 1; b = a + 1; c = { d = b; }; }
#= rec-shadow
let a = 10; in rec { a = 1; b = a; }
#= rec-mutual
rec { even = n: if n == 0 then true else odd (n - 1); odd = n: if n == 0 then false else even (n - 1); r = even 10; }.r
#= rec-dynamic
let n = "b"; in rec { a = 1; ${n} = a; }
#= rec-dynamic-not-in-scope
let b = 5; n = "b"; in (rec { ${n} = 1; c = b; }).c
#= rec-inherit
let x = 1; in rec { inherit x; y = x + 1; }
#= rec-nested-path
rec { a.b = 1; c = a.b; }
#= rec-overrides
rec { a = 1; b = a; __overrides = { a = 2; }; }
#! infinite-recursion
rec { a = b; b = a; }.a
#! infinite-recursion-let
let x = x; in x
#= inherit
let a = 1; b = 2; in { inherit a b; }
#= inherit-from
let s = { a = 1; b.c = 2; "d e" = 3; }; in { inherit (s) a b "d e"; inherit (s.b) c; }
#= inherit-empty
{ inherit; inherit ({ }); }
#= inherit-quoted
let a = 1; in { inherit "a"; }
#! inherit-missing
let s = { }; in { inherit (s) a; }.a
#! inherit-undefined
{ inherit nope; }
#= inherit-lazy
({ inherit (throw "no") a; b = 1; }).b
#= inherit-from-let
let inherit ({ x = 1; y = x: x; }) x y; in y x
#= inherit-rec-outer
let a = 1; in rec { inherit a; b = { inherit a; }; }
#= select
let s = { a.b = 1; "c d" = 2; }; n = "b"; in [ s.a.b s."c d" s.a.${n} s.a."${n}" s.${"a"}.b ]
#= select-or
let s = { a.b = 1; }; in [ (s.a.b or 2) (s.a.c or 2) (s.x.y or 3) (s.a.b.c or 4) (s.x or s.a.b) ({ }.a or "d") (1 .a or 5) ]
#= select-or-lazy
{ a = 1; }.a or (throw "no")
#! select-missing
{ a = 1; }.b
#! select-from-int
1.a
#! select-on-int
let x = 1; in x.a
#! select-deep-missing
{ a.b = 1; }.a.c.d
#= select-dynamic-missing-or
let n = "z"; in { a = 1; }.${n} or 7
#= has
let s = { a.b = 1; c = null; }; n = "a"; in [ (s ? a) (s ? a.b) (s ? a.x) (s ? x.y) (s ? c.d) (1 ? a) (s ? ${n}) (s ? "a".b) ({ } ? a) (!s ? a) ]
#= has-does-not-force
({ a = throw "no"; } ? a)
#= update
{ a = 1; b.x = 1; } // { b.y = 2; c = 3; } // { a = 9; }
#= update-lazy
({ a = throw "no"; } // { a = 1; }).a
#! update-not-set
{ } // 1
#= equality
[ ({ a = 1; } == { a = 1; }) ({ a = 1; } == { a = 2; }) ({ a = 1; } == { b = 1; }) ({ } == [ ]) ({ a = [ { } ]; } == { a = [ { } ]; }) ({ a = x: x; } == { a = x: x; }) ]
#= equality-functions
let f = x: x; s = { a = f; }; in [ (f == f) (s == s) ([ f ] == [ f ]) ({ a = f; } == { a = f; }) ]
#= equality-derivations
[ ({ type = "derivation"; outPath = "a"; x = 1; } == { type = "derivation"; outPath = "a"; x = 2; }) ({ type = "derivation"; outPath = "a"; } == { type = "derivation"; outPath = "b"; }) ]
#= attr-order
builtins.attrNames { b = 1; a = 2; B = 3; "1" = 4; "é" = 5; _ = 6; aa = 7; }
#= attr-values
builtins.attrValues { b = 1; a = 2; }
#= get-attr
[ (builtins.getAttr "a" { a = 1; }) (builtins.hasAttr "a" { a = 1; }) (builtins.hasAttr "b" { a = 1; }) ]
#! get-attr-missing
builtins.getAttr "b" { a = 1; }
#= remove-attrs
removeAttrs { a = 1; b = 2; c = 3; } [ "a" "c" "z" ]
#= intersect-attrs
builtins.intersectAttrs { a = 1; b = 2; } { b = 3; c = 4; }
#= list-to-attrs
builtins.listToAttrs [ { name = "a"; value = 1; } { name = "b"; value = 2; } { name = "a"; value = 3; } ]
#! list-to-attrs-nameless
builtins.listToAttrs [ { value = 1; } ]
#= list-to-attrs-lazy
(builtins.listToAttrs [ { name = "a"; value = throw "no"; } { name = "b"; value = 1; } ]).b
#= cat-attrs
builtins.catAttrs "a" [ { a = 1; } { b = 0; } { a = 2; } ]
#= map-attrs
builtins.mapAttrs (n: v: n + toString v) { a = 1; b = 2; }
#= map-attrs-lazy
(builtins.mapAttrs (n: v: throw n) { a = 1; }) ? a
#= zip-attrs-with
builtins.zipAttrsWith (n: vs: { inherit n vs; }) [ { a = 1; } { a = 2; b = 3; } { } ]
#= group-by
builtins.groupBy (x: if x > 2 then "big" else "small") [ 1 5 2 3 ]
#= functor
let f = { __functor = self: x: self.n + x; n = 10; }; in [ (f 1) (map f [ 1 2 ]) (builtins.isFunction f) ]
#= functor-nested
({ __functor = self: { __functor = s: x: x * 2; }; }) 4
#! call-set
{ } 1
#= trailing-or
let or = 1; in { inherit or; }
#= keyword-attrs
{ "if" = 1; "then" = 2; }."if"
#= let-set-old
let { a = 1; body = a + 1; }
#= attr-path-deep
{ a.b.c.d.e = 1; }.a.b.c.d.e
#= set-in-list
[ { } { a = 1; } rec { b = 1; c = b; } ]
#= unsafe-attr-pos-builtin
builtins.unsafeGetAttrPos "a" (builtins.listToAttrs [ ])
#! missing-semicolon
{ a = 1 }
#! missing-value
{ a = ; }
