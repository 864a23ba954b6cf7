# Assertions that say what was wrong.
lib: rec {
  assertMsg = condition: message: condition || throw message;

  assertOneOf = name: value: allowed:
    assertMsg (builtins.elem value allowed)
      "${name} must be one of ${lib.generators.toPretty { } allowed}, but is: ${lib.generators.toPretty { } value}";

  assertEachOneOf = name: values: allowed:
    assertMsg (builtins.all (value: builtins.elem value allowed) values)
      "each element in ${name} must be one of ${lib.generators.toPretty { } allowed}, but is: ${lib.generators.toPretty { } values}";

  # The module system's `assertions` and `warnings`, applied to a finished value.
  checkAssertWarn = assertions: warnings: value:
    let failed = map (a: a.message) (builtins.filter (a: !a.assertion) assertions); in
    if failed != [ ] then throw "\nFailed assertions:\n${lib.strings.concatMapStringsSep "\n" (m: "- ${m}") failed}"
    else lib.trivial.showWarnings warnings value;
}
