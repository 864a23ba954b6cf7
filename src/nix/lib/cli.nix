# Attribute sets as command line arguments.
lib:
let
  inherit (builtins) isBool isList stringLength;
  inherit (lib.attrsets) mapAttrsToList;
  inherit (lib.strings) escapeShellArgs;
in
rec {
  toGNUCommandLine =
    { mkOptionName ? name: if stringLength name == 1 then "-${name}" else "--${name}"
    , mkBool ? name: value: lib.lists.optional value (mkOptionName name)
    , mkList ? name: values: lib.lists.concatMap (mkOption name) values
    , mkOption ? name: value:
        if value == null then [ ]
        else if optionValueSeparator == null then [ (mkOptionName name) (lib.generators.mkValueStringDefault { } value) ]
        else [ "${mkOptionName name}${optionValueSeparator}${lib.generators.mkValueStringDefault { } value}" ]
    , optionValueSeparator ? null
    }: options:
    builtins.concatLists (mapAttrsToList
      (name: value:
        if isBool value then mkBool name value
        else if isList value then mkList name value
        else mkOption name value)
      options);
  toGNUCommandLineShell = how: options: escapeShellArgs (toGNUCommandLine how options);

  # `format` says of a name how its option is spelt: `{ option; sep; explicitBool; }`.
  toCommandLine = format: options:
    let
      show = value: lib.generators.mkValueStringDefault { } value;
      one = name: value:
        let how = format name; in
        if value == null then [ ]
        else if isBool value && !(how.explicitBool or false) then lib.lists.optional value how.option
        else if how.sep or null == null then [ how.option ((how.formatArg or show) value) ]
        else [ "${how.option}${how.sep}${(how.formatArg or show) value}" ];
    in
    builtins.concatLists (mapAttrsToList (name: value: if isList value then builtins.concatMap (one name) value else one name value) options);
  toCommandLineGNU = { isLong ? option: stringLength option > 1, explicitBool ? false, formatArg ? lib.generators.mkValueStringDefault { } }: toCommandLine (name: {
    option = if isLong name then "--${name}" else "-${name}";
    sep = if isLong name then "=" else "";
    inherit explicitBool formatArg;
  });
  toCommandLineShell = format: options: escapeShellArgs (toCommandLine format options);
  toCommandLineShellGNU = how: options: escapeShellArgs (toCommandLineGNU how options);
}
