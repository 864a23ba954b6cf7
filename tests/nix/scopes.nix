# let, with, functions, patterns, recursion, laziness.
#= let
let a = 1; b = a + 1; in [ a b ]
#= let-order
let a = b; b = 1; in a
#= let-nested
let a = 1; in let a = 2; b = a; in b
#= let-nested-paths
let a.b = 1; a.c = 2; in a
#= let-inherit
let x = { a = 1; }; in let inherit (x) a; in a
#= let-empty
let in 1
#! let-duplicate
let a = 1; a = 2; in a
#! undefined
nope
#! undefined-in-branch
if true then 1 else nope
#= with
with { a = 1; b = 2; }; a + b
#= with-nested
with { a = 1; b = 1; }; with { a = 2; }; [ a b ]
#= with-does-not-shadow-let
let a = 1; in with { a = 2; }; a
#= with-inside-let
with { a = 1; }; let b = a; in b
#= with-let-inner-wins
with { a = 1; }; let a = 2; in a
#= with-function-argument
(a: with { a = 2; b = 3; }; [ a b ]) 1
#= with-lazy
with throw "never"; 1
#! with-missing
with { a = 1; }; b
#! with-not-set
with 1; a
#= with-falls-through
with { a = 1; }; with { }; a
#= with-builtins
with builtins; [ (length [ 1 ]) (head [ 2 ]) ]
#= with-shadows-no-global
with { map = 1; }; map (x: x) [ 1 ]
#= with-rec
with rec { a = 1; b = a; }; b
#= with-attr
(with { x = { y = 1; }; }; x).y
#= lambda
[ ((x: x) 1) ((x: y: x - y) 3 1) ((x: x x) (y: 2)) ]
#= lambda-shadow
(x: (x: x) 2) 1
#= pattern
({ a, b }: a + b) { a = 1; b = 2; }
#= pattern-default
[ (({ a ? 1, b ? a + 1 }: [ a b ]) { }) (({ a ? 1 }: a) { a = 5; }) ]
#= pattern-default-mutual
({ a ? b, b ? 2 }: a) { }
#= pattern-default-sees-outer
let x = 1; in ({ a ? x, x ? 5 }: a) { }
#= pattern-ellipsis
({ a, ... }: a) { a = 1; b = 2; }
#= pattern-at
({ a ? 1, ... }@args: [ a args ]) { b = 2; }
#= pattern-at-before
(args@{ a, b ? 3 }: [ args (a + b) ]) { a = 1; }
#= pattern-at-in-default
({ a, b ? args.a, ... }@args: b) { a = 4; }
#= pattern-empty
[ (({ }: 1) { }) (({ ... }: 2) { x = 1; }) ]
#! pattern-missing
({ a, b }: a) { a = 1; }
#! pattern-extra
({ a }: a) { a = 1; b = 2; }
#! pattern-empty-extra
({ }: 1) { a = 1; }
#! pattern-not-set
({ a }: a) 1
#! pattern-duplicate
({ a, a }: a) { a = 1; }
#! pattern-duplicate-at
(a@{ a }: a) { a = 1; }
#= pattern-lazy
({ a, b }: a) { a = 1; b = throw "no"; }
#= pattern-trailing-comma
({ a, b, }: a + b) { a = 1; b = 2; }
#= lambda-currying
let add = a: b: c: a + b + c; f = add 1; g = f 2; in [ (g 3) (f 4 5) ]
#! call-int
1 2
#! call-string
"a" "b"
#= builtin-partial
let f = builtins.substring 1; g = f 2; in g "hello"
#= function-args
[ (builtins.functionArgs ({ a, b ? 1, ... }: a)) (builtins.functionArgs (x: x)) (builtins.functionArgs ({ }: 1)) ]
#= function-args-builtin
builtins.functionArgs builtins.map
#! function-args-set
builtins.functionArgs { }
#= closures
let mk = n: { get = n; add = m: mk (n + m); }; in ((mk 1).add 2).get
#= fix
let fix = f: let x = f x; in x; in (fix (self: { a = 1; b = self.a + 1; })).b
#= y-combinator
let y = f: (x: f (v: x x v)) (x: f (v: x x v)); in y (self: n: if n < 2 then 1 else n * self (n - 1)) 10
#= fibonacci
let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 15
#= deep-recursion
let count = n: if n == 0 then 0 else 1 + count (n - 1); in count 1000
#= tail-iteration
let loop = n: acc: if n == 0 then acc else loop (n - 1) (acc + n); in loop 1000 0
#= if
[ (if true then 1 else throw "x") (if 1 == 2 then throw "x" else 2) (if if true then false else true then 1 else 2) ]
#! if-not-bool
if 1 then 2 else 3
#! if-without-else
if true then 1
#= assert
assert true; assert 1 < 2; "ok"
#! assert-false
assert false; 1
#! assert-not-bool
assert 1; 2
#= assert-caught
(builtins.tryEval (assert false; 1)).success
#= lazy-list
builtins.length [ (throw "a") (throw "b") ]
#= lazy-set
builtins.attrNames { a = throw "a"; b = abort "b"; }
#= lazy-arg
(x: 1) (throw "no")
#= lazy-let
let a = throw "no"; in 1
#= lazy-head
builtins.head [ 1 (throw "no") ]
#= lazy-infinite
let ones = [ 1 ] ++ ones; s = { a = 1; b = s; }; in s.b.b.b.a
#= seq
[ (builtins.seq 1 2) (builtins.seq { a = throw "no"; } 3) (builtins.deepSeq [ 1 { a = 2; } ] 4) ]
#! seq-throws
builtins.seq (throw "no") 1
#! deep-seq-throws
builtins.deepSeq { a = [ (throw "no") ]; } 1
#= try-eval
[ (builtins.tryEval 1) (builtins.tryEval (throw "x")) (builtins.tryEval (assert false; 1)) (builtins.tryEval { a = throw "x"; }).success ]
#! try-eval-abort
builtins.tryEval (abort "x")
#! try-eval-type-error
builtins.tryEval (1 + "a")
#! try-eval-missing
builtins.tryEval ({ }.a)
#! try-eval-undefined-late
builtins.tryEval (with { }; nope)
#= try-eval-nested
builtins.tryEval (builtins.seq (builtins.tryEval (throw "a")).success (throw "b"))
#! throw
throw "x"
#! abort
abort "x"
#! throw-not-string
throw { }
#= throw-message-lazy
(builtins.tryEval (throw "a${toString 1}")).value
#= trace-passes
builtins.trace "shown" 5
#= add-error-context
builtins.addErrorContext "ctx" 1
#= builtins-self
[ (builtins ? map) (builtins.builtins ? map) (builtins.true) (builtins.null == null) ]
#= globals
[ (builtins.typeOf map) (builtins.typeOf toString) (builtins.typeOf throw) (builtins.typeOf removeAttrs) (builtins.typeOf isNull) (builtins.typeOf derivation) (builtins.typeOf import) (builtins.typeOf fetchTarball) (builtins.typeOf placeholder) (builtins.typeOf scopedImport) (builtins.typeOf baseNameOf) ]
#= double-underscore-globals
[ (__length [ 1 2 ]) (__head [ 3 ]) (__typeOf __add) (__substring 0 1 "ab") ]
#= shadow-global
let map = f: f; toString = x: "mine"; in [ (map 1) (toString 2) ]
#= types
map builtins.typeOf [ 1 1.5 "s" true null [ ] { } (x: x) map ./. ({ a }: a) (map (x: x)) ]
#= is-type
[ (builtins.isInt 1) (builtins.isFloat 1) (builtins.isBool true) (builtins.isString "") (builtins.isList [ ]) (builtins.isAttrs { }) (builtins.isFunction map) (builtins.isFunction (x: x)) (builtins.isNull null) (isNull 1) (builtins.isPath ./.) ]
#= lang-version
[ (builtins.typeOf builtins.langVersion) (builtins.typeOf builtins.nixVersion) (builtins.typeOf builtins.storeDir) ]
#= get-env-missing
builtins.getEnv "NO_SUCH_VARIABLE_IN_TESTS"
#! or-as-argument
let or = x: x; in builtins.typeOf or
#= parens
((((1)))) + (2)
#= juxtaposition
let f = x: y: x + y; in [ (f 1 2) (f (f 1 2) 3) ]
#= list-of-calls
let f = x: x + 1; in [ f (f 1) ] == [ f 2 ]
#= application-binds-tighter
let f = x: x; in f 1 + 1
#= negation-call
let f = x: x; in -(f 1)
#= nested-lambda-body
(a: b: let c = a; in with { d = b; }; c + d) 1 2
#= scoped-import
scopedImport { x = 5; } ./number.nix
