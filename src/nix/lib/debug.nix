# Tracing and small tests.
lib:
let
  inherit (builtins) trace;
  inherit (lib.generators) toPretty;

  # The value with everything below `depth` replaced by a short mark, forced.
  snip = depth: value:
    if builtins.isList value then (if depth == 0 then "[…]" else map (snip (depth - 1)) value)
    else if builtins.isAttrs value then (if depth == 0 then "{…}" else builtins.mapAttrs (_: snip (depth - 1)) value)
    else if builtins.isFunction value then "<λ>"
    else value;
in
rec {
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  traceIf = condition: message: value: if condition then trace message value else value;
  traceValFn = f: value: trace (f value) value;
  traceVal = traceValFn lib.trivial.id;
  traceSeq = shown: value: trace (builtins.deepSeq shown shown) value;
  traceSeqN = depth: shown: value:
    let short = snip depth shown; in trace (toPretty { allowPrettyValues = true; } (builtins.deepSeq short short)) value;
  traceValSeqFn = f: value: traceValFn f (builtins.deepSeq value value);
  traceValSeq = traceValSeqFn lib.trivial.id;
  traceValSeqNFn = f: depth: value: traceSeqN depth (f value) value;
  traceValSeqN = traceValSeqNFn lib.trivial.id;
  traceFnSeqN = depth: name: f: value:
    let result = f value; in traceSeqN depth { fn = name; from = value; to = result; } result;

  # Each test is `{ expr; expected; }`; the answer lists those that differ. Only attributes whose
  # names begin with `test` count, and `tests`, when it is there, names the ones to run.
  runTests = tests:
    let
      chosen = builtins.filter
        (name: (tests ? tests && builtins.elem name tests.tests) || lib.strings.hasPrefix "test" name && !(tests ? tests))
        (builtins.attrNames tests);
    in
    builtins.concatMap
      (name:
        let test = tests.${name}; in
        if name == "tests" || test.expr == test.expected then [ ]
        else [{ inherit name; inherit (test) expected; result = test.expr; }])
      chosen;
  testAllTrue = expr: { inherit expr; expected = map (_: true) expr; };
  throwTestFailures = { failures, description ? "tests", ... }:
    if failures == [ ] then null
    else throw "${toString (builtins.length failures)} ${description} failed:\n${toPretty { allowPrettyValues = true; } failures}";
}
