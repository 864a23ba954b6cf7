# Options: declarations, the merging of plain values, and how paths of options are shown.
lib:
let
  inherit (builtins) all concatMap elemAt head isAttrs isBool isFunction isInt isList isString length tail;
  inherit (lib.lists) last;
  inherit (lib.strings) concatMapStrings concatStringsSep optionalString;

  values = map (definition: definition.value);
in
rec {
  isOption = lib.types.isType "option";

  mkOption = { ... }@declaration: declaration // { _type = "option"; };

  mkEnableOption = name: mkOption {
    default = false;
    example = true;
    description = if name ? _type && name._type == "mdDoc" then "Whether to enable ${name.text}." else "Whether to enable ${name}.";
    type = lib.types.bool;
  };

  mkPackageOption = pkgs: name:
    { nullable ? false, default ? name, example ? null, extraDescription ? "", pkgsText ? "pkgs" }:
    let
      title = if isList name then last name else name;
      shown = value: literalExpression (if isList value then pkgsText + "." + concatStringsSep "." value else value);
      path = lib.lists.toList default;
    in
    mkOption (
      {
        type = (if nullable then lib.types.nullOr else lib.trivial.id) lib.types.package;
        description = "The ${title} package to use." + optionalString (extraDescription != "") " " + extraDescription;
      }
      // (if default == null then { default = null; } else {
        default = lib.attrsets.attrByPath path (throw "${concatStringsSep "." path} cannot be found in ${pkgsText}") pkgs;
        defaultText = shown ([ ] ++ path);
      })
      // lib.attrsets.optionalAttrs (example != null) { example = shown example; }
    );
  mkPackageOptionMD = mkPackageOption;

  mkSinkUndeclaredOptions = declaration: mkOption ({
    internal = true;
    visible = false;
    default = false;
    description = "Sink for option definitions.";
    type = lib.types.mkOptionType {
      name = "sink";
      check = _: true;
      merge = location: definitions: false;
    };
    apply = value: throw "Option value is not readable because the option is not declared.";
  } // declaration);

  literalExpression = text:
    if isString text then { _type = "literalExpression"; inherit text; }
    else throw "literalExpression expects a string.";
  literalCode = literalExpression;
  literalMD = text:
    if isString text then { _type = "literalMD"; inherit text; }
    else throw "literalMD expects a string.";
  mdDoc = lib.trivial.id;
  renderOptionValue = value:
    if value ? _type && value ? text then value
    else literalExpression (lib.generators.toPretty { multiline = true; allowPrettyValues = true; } value);
  scrubOptionValue = value:
    if lib.attrsets.isDerivation value then value // { drvPath = value.name; outPath = value.name; }
    else if isList value then map scrubOptionValue value
    else if isAttrs value then builtins.mapAttrs (_: scrubOptionValue) (removeAttrs value [ "_args" ])
    else value;

  # Ways to make one value of several definitions, each `{ file; value; }`.
  mergeDefaultOption = location: definitions:
    let list = values definitions; in
    if length list == 1 then head list
    else if all isFunction list then argument: mergeDefaultOption location (map (f: { file = "<unknown>"; value = f argument; }) list)
    else if all isList list then builtins.concatLists list
    else if all isAttrs list then builtins.foldl' (a: b: a // b) { } list
    else if all isBool list then builtins.any lib.trivial.id list
    else if all isString list then lib.strings.concatStrings list
    else if all isInt list && all (value: value == head list) list then head list
    else throw "Cannot merge definitions of `${showOption location}'. Definition values:${showDefs definitions}";
  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeUniqueOption = { message, merge ? null }: location: definitions:
    if length definitions == 1 then
      if merge == null then (head definitions).value else merge location definitions
    else
      throw "The option `${showOption location}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs definitions}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
  mergeEqualOption = location: definitions:
    if definitions == [ ] then abort "This case should never happen."
    else if length definitions == 1 then (head definitions).value
    else
      (builtins.foldl'
        (first: other:
          if other.value == first.value then first
          else throw "The option `${showOption location}' has conflicting definition values:${showDefs [ first other ]}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.")
        (head definitions)
        (tail definitions)).value;

  getValues = values;
  getFiles = map (definition: definition.file);

  # `a."b c".<name>.d`: placeholders and `*` stay bare.
  showOption = parts:
    let
      show = part:
        let bare = builtins.match "<.*>|\\*" part != null; in
        if bare then part else lib.strings.escapeNixIdentifier part;
    in
    concatStringsSep "." (map show parts);
  showFiles = files: concatStringsSep " and " (map (file: "`${file}'") files);
  showDefs = definitions: concatMapStrings
    (definition:
      let
        attempt = builtins.tryEval (lib.generators.toPretty { } (lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; } definition.value));
        text = concatStringsSep "\n    " (builtins.filter isString (builtins.split "\n" attempt.value));
      in
      "\n- In `${definition.file}'" + optionalString attempt.success ": ${text}")
    definitions;
  showOptionWithDefLocs = option: "${showOption option.loc}, with values defined in:\n${concatMapStrings (file: "  - ${file}\n") option.files}";
  unknownModule = "<unknown-file>";

  optionAttrSetToDocList = _: lib.modules.notModelled "lib.optionAttrSetToDocList";
}
