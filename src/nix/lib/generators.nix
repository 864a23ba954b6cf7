# Values as text in other formats.
lib:
let
  inherit (builtins) attrNames concatMap concatStringsSep elemAt functionArgs isAttrs isBool isFloat isInt isList isPath isString length mapAttrs typeOf;
  inherit (lib.attrsets) isDerivation mapAttrsToList;
  inherit (lib.strings) concatMapStringsSep escape escapeNixIdentifier escapeNixString hasInfix splitString;
  inherit (lib.trivial) id isFunction;
in
rec {
  # A value in the plainest form that many formats share; what has none is an error.
  mkValueStringDefault = { }: value:
    let refuse = kind: abort "generators.mkValueStringDefault: ${kind} not supported: ${toPretty { } value}"; in
    if isInt value then toString value
    else if isDerivation value then toString value
    else if isString value then value
    else if value == true then "true"
    else if value == false then "false"
    else if value == null then "null"
    else if isList value then refuse "lists"
    else if isAttrs value then refuse "attrsets"
    else if isFunction value then refuse "functions"
    else if isFloat value then lib.strings.floatToString value
    else refuse "this value is";

  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: separator: key: value:
    "${escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue = { mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }:
    let
      line = key: value: indent + mkKeyValue key value + "\n";
      lines = if listsAsDuplicateKeys then key: value: map (line key) (if isList value then value else [ value ]) else key: value: [ (line key value) ];
    in
    set: lib.strings.concatStrings (lib.lists.concatLists (mapAttrsToList lines set));

  toINI = { mkSectionName ? (name: escape [ "[" "]" ] name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }: sections:
    lib.strings.concatStringsSep "\n" (mapAttrsToList
      (name: keys: "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } keys)
      sections);

  toINIWithGlobalSection = { mkSectionName ? (name: escape [ "[" "]" ] name), mkKeyValue ? mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false }@args: { globalSection, sections ? { } }:
    (if globalSection == { } then ""
    else toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n")
    + toINI { inherit mkSectionName mkKeyValue listsAsDuplicateKeys; } sections;

  toGitINI = set:
    let
      section = path:
        let
          name = builtins.head path;
          sub = concatStringsSep "." (builtins.tail path);
        in
        if builtins.tail path == [ ] then name else ''${name} "${escape [ "\\" "\"" ] sub}"'';
      isSection = value: isAttrs value && !(isDerivation value);
      # Keys of sections beside their subsections.
      flat = path: keys:
        let
          own = lib.attrsets.filterAttrs (_: value: !(isSection value)) keys;
          inner = lib.attrsets.filterAttrs (_: isSection) keys;
        in
        (if own == { } then { } else { ${section path} = own; })
        // lib.attrsets.concatMapAttrs (name: flat (path ++ [ name ])) inner;
      mkKeyValue = key: value:
        "\t" + mkKeyValueDefault { mkValueString = value: if isString value then gitString value else mkValueStringDefault { } value; } " = " key value;
      gitString = text: ''"${builtins.replaceStrings [ "\\" "\"" "\n" "\t" "\b" ] [ "\\\\" "\\\"" "\\n" "\\t" "\\b" ] text}"'';
    in
    toINI { mkSectionName = id; inherit mkKeyValue; listsAsDuplicateKeys = true; } (lib.attrsets.concatMapAttrs (name: flat [ name ]) set);

  toJSON = { }: builtins.toJSON;
  toYAML = toJSON;

  # Cuts a value that is too deep, or says so.
  withRecursion = { depthLimit, throwOnDepthLimit ? true }:
    assert isInt depthLimit;
    let
      kept = [ "__functor" "__functionArgs" "__toString" "__pretty" ];
      cut = depth: value:
        if depth <= depthLimit then value
        else if throwOnDepthLimit then throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else "<unevaluated>";
      # A set or list is as deep as it lies; any other value one deeper.
      walk = depth: value:
        if isAttrs value then
          mapAttrs (name: inner: if builtins.elem name kept then inner else below depth inner) value
        else if isList value then map (below depth) value
        else cut (depth + 1) value;
      below = depth: value: walk (depth + 1) (cut (depth + 1) value);
    in
    walk 0;

  # Close to Nix syntax, for people.
  toPretty = { allowPrettyValues ? false, multiline ? true, indent ? "" }:
    let
      show = indent: value:
        let
          break = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
          inside = show (indent + "  ");
        in
        if isInt value then toString value
        else if isFloat value then builtins.toJSON value
        else if isString value then showString indent value
        else if value == true then "true"
        else if value == false then "false"
        else if value == null then "null"
        else if isPath value then toString value
        else if isList value then
          if value == [ ] then "[ ]"
          else "[" + break + concatMapStringsSep break inside value + close + "]"
        else if isFunction value then
          let
            args = lib.trivial.functionArgs value;
            shown = concatStringsSep ", " (mapAttrsToList (name: optional: if optional then "${name}?" else name) args);
          in
          if args == { } then "<function>" else "<function, args: {${shown}}>"
        else if isAttrs value then
          if allowPrettyValues && value ? __pretty && value ? val then value.__pretty value.val
          else if value == { } then "{ }"
          else if isDerivation value then "<derivation ${value.name or "???"}>"
          else
            "{" + break + concatStringsSep break (mapAttrsToList (name: inner: "${escapeNixIdentifier name} = ${builtins.addErrorContext "while evaluating an attribute `${name}`" (inside inner)};") value) + close + "}"
        else abort "generators.toPretty: should never happen (v = ${typeOf value})";
      showString = indent: value:
        let
          lines = builtins.filter (piece: !(isList piece)) (builtins.split "\n" value);
          body = map (escapeMulti) lines;
          last = lib.lists.last body;
        in
        if multiline && length lines > 1 then
          "''\n${indent}  " + concatStringsSep "\n${indent}  " (lib.lists.init body)
          + (if last == "" then "\n${indent}''" else "\n${indent}  ${last}''")
        else "\"" + builtins.replaceStrings [ "\n" ] [ "\\n" ] (escape [ "\\" "\"" "\${" ] value) + "\"";
      escapeMulti = builtins.replaceStrings [ "\${" "''" ] [ "''\${" "'''" ];
    in
    show indent;

  mkLuaInline = expr: { _type = "lua-inline"; inherit expr; };
  toLua = { multiline ? true, indent ? "", asBindings ? false }@args: value:
    let
      inner = indent + (if multiline then "  " else "");
      break = if multiline then "\n${inner}" else " ";
      close = if multiline then "\n${indent}" else " ";
      sub = toLua { inherit multiline; indent = inner; };
      table = items: "{" + break + concatStringsSep ",${break}" items + close + "}";
      bindings = lib.strings.concatStrings (mapAttrsToList (name: item: "${indent}${name} = ${toLua { inherit multiline indent; } item}\n") value);
      badNames = builtins.filter (name: builtins.match "[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*" name == null) (attrNames value);
    in
    if asBindings then
      if badNames == [ ] then bindings else throw "attribute name ${builtins.toJSON (builtins.head badNames)} is not a valid Lua identifier"
    else if value == null then "nil"
    else if isInt value || isFloat value || isString value || isBool value then builtins.toJSON value
    else if isPath value || isDerivation value then builtins.toJSON "${value}"
    else if isList value then (if value == [ ] then "{}" else table (map sub value))
    else if isAttrs value then
      if value._type or "" == "lua-inline" then "(${value.expr})"
      else if value == { } then "{}"
      else table (mapAttrsToList (name: item: "[${builtins.toJSON name}] = ${sub item}") value)
    else abort "generators.toLua: type ${typeOf value} is unsupported";

  toDhall = { }@options: value:
    if isAttrs value then "{ ${concatStringsSep ", " (mapAttrsToList (name: item: "${name} = ${toDhall options item}") value)} }"
    else if isList value then "[ ${concatMapStringsSep ", " (toDhall options) value} ]"
    else if isInt value then (if value < 0 then "" else "+") + toString value
    else if isBool value then (if value then "True" else "False")
    else if isFunction value then abort "generators.toDhall: cannot convert a function to Dhall"
    else if value == null then abort "generators.toDhall: cannot convert a null to Dhall"
    else builtins.toJSON value;
}
