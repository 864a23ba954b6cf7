# Option types as plain sets: what they are called, what they accept, what they contain. Merging
# definitions by type is the native module system's work; it reads `name`, `nestedTypes` and
# `functor.payload`.
lib:
let
  inherit (builtins) all attrNames attrValues concatStringsSep elem head isAttrs isBool isFloat isFunction isInt isList isPath isString length mapAttrs match toJSON;
  inherit (lib.strings) hasPrefix isStorePath isStringLike;

  # A description in parentheses where it would otherwise read ambiguously.
  phrase = accept: type:
    if accept type.descriptionClass or null then type.description else "(${type.description})";
  nounOr = others: phrase (class: class == "noun" || elem class others);

  leaf = name: description: check: mkOptionType {
    inherit name description check;
    descriptionClass = "noun";
    merge = lib.options.mergeEqualOption;
  };
  wrap = name: elemType: extra: mkOptionType ({
    inherit name;
    nestedTypes = { inherit elemType; };
    getSubOptions = elemType.getSubOptions or (_: { });
    getSubModules = elemType.getSubModules or null;
    functor = defaultFunctor name // { payload = { inherit elemType; }; wrapped = elemType; };
  } // extra);

  isType = kind: value: value._type or "" == kind;
  setType = kind: value: value // { _type = kind; };
  isOptionType = isType "option-type";

  defaultFunctor = name: {
    inherit name;
    type = types.${name} or null;
    wrapped = null;
    payload = null;
    binOp = a: b: null;
  };
  defaultTypeMerge = mine: theirs:
    if mine.name != theirs.name then null
    else if mine.payload == null && theirs.payload == null then mine.type
    else null;

  mkOptionType =
    { name
    , description ? null
    , descriptionClass ? null
    , check ? (_: true)
    , merge ? lib.options.mergeDefaultOption
    , emptyValue ? { }
    , getSubOptions ? (_: { })
    , getSubModules ? null
    , substSubModules ? (_: null)
    , typeMerge ? defaultTypeMerge functor
    , functor ? defaultFunctor name
    , deprecationMessage ? null
    , nestedTypes ? { }
    , ...
    }@given:
    {
      _type = "option-type";
      inherit check deprecationMessage descriptionClass emptyValue functor getSubModules getSubOptions merge name nestedTypes substSubModules typeMerge;
      description = if description == null then name else description;
    };

  between = low: high: value: value >= low && value <= high;
  range = low: high: "between ${toString low} and ${toString high} (both inclusive)";

  ints = {
    between = low: high:
      assert lib.asserts.assertMsg (low <= high) "ints.between: lowest must be smaller than highest";
      leaf "intBetween" "integer ${range low high}" (value: isInt value && between low high value);
    unsigned = leaf "unsignedInt" "unsigned integer, meaning >=0" (value: isInt value && value >= 0) // { descriptionClass = "nonRestrictiveClause"; };
    positive = leaf "positiveInt" "positive integer, meaning >0" (value: isInt value && value > 0) // { descriptionClass = "nonRestrictiveClause"; };
    u8 = sized false 8 255;
    u16 = sized false 16 65535;
    u32 = sized false 32 4294967295;
    s8 = sized true 8 127;
    s16 = sized true 16 32767;
    s32 = sized true 32 2147483647;
  };
  sized = signed: bits: high:
    let
      low = if signed then -high - 1 else 0;
      word = if signed then "signed" else "unsigned";
    in
    leaf "${word}Int${toString bits}" "${toString bits} bit ${word} integer; ${range low high}"
      (value: isInt value && between low high value);

  numberLike = name: description: check: either types.int types.float // {
    inherit name description;
    descriptionClass = if name == "numberBetween" then "conjunction" else "nonRestrictiveClause";
    check = value: (isInt value || isFloat value) && check value;
  };
  numbers = {
    between = low: high:
      assert lib.asserts.assertMsg (low <= high) "numbers.between: lowest must be smaller than highest";
      numberLike "numberBetween" "integer or floating point number ${range low high}" (between low high);
    nonnegative = numberLike "numberNonnegative" "nonnegative integer or floating point number, meaning >=0" (value: value >= 0);
    positive = numberLike "numberPositive" "positive integer or floating point number, meaning >0" (value: value > 0);
  };

  separated = separator: mkOptionType {
    name = "separatedString";
    description = if separator == "" then "Concatenated string" else "strings concatenated with ${toJSON separator}";
    descriptionClass = "noun";
    check = isString;
    merge = location: definitions: concatStringsSep separator (lib.options.getValues definitions);
    functor = defaultFunctor "separatedString" // { payload = { sep = separator; }; };
  };

  either = left: right: mkOptionType {
    name = "either";
    description =
      if left.descriptionClass or null == "nonRestrictiveClause"
      then "${left.description}, or ${phrase (class: class == "noun" || class == "conjunction") right}"
      else "${phrase (class: class == "noun" || class == "conjunction") left} or ${phrase (class: class == "noun" || class == "conjunction" || class == "composite") right}";
    descriptionClass = "conjunction";
    check = value: left.check value || right.check value;
    nestedTypes = { inherit left right; };
    functor = defaultFunctor "either" // { payload.elemType = [ left right ]; wrapped = [ left right ]; };
  };

  submodules = { name ? "submodule", description ? null, modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, class ? null }@given: mkOptionType {
    inherit name;
    description = if description != null then description else "submodule";
    check = value: isAttrs value || lib.trivial.isFunction value || isPath value;
    emptyValue.value = { };
    getSubModules = modules;
    substSubModules = modules: submodules (given // { inherit modules; });
    functor = defaultFunctor name // {
      payload = { inherit class description modules shorthandOnlyDefinesConfig specialArgs; };
    };
  };

  attrsWith = { elemType, lazy ? false, placeholder ? "name" }:
    let name = if lazy then "lazyAttrsOf" else "attrsOf"; in
    wrap name elemType {
      description = (if lazy then "lazy attribute set" else "attribute set") + " of ${nounOr [ "composite" ] elemType}";
      descriptionClass = "composite";
      check = isAttrs;
      emptyValue.value = { };
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
      substSubModules = modules: attrsWith { elemType = elemType.substSubModules modules; inherit lazy placeholder; };
      functor = defaultFunctor "attrsWith" // { payload = { inherit elemType lazy placeholder; }; wrapped = elemType; };
    };

  deferred = { staticModules ? [ ] }: mkOptionType {
    name = "deferredModule";
    description = "module";
    descriptionClass = "noun";
    check = value: isAttrs value || isFunction value || isPath value || isString value;
    merge = location: definitions: {
      imports = staticModules ++ map (definition: lib.modules.setDefaultModuleLocation "${definition.file}, via option ${lib.options.showOption location}" definition.value) definitions;
    };
    getSubModules = staticModules;
    functor = defaultFunctor "deferredModuleWith" // { payload = { inherit staticModules; }; };
  };

  pathWith = { inStore ? null, absolute ? null }: mkOptionType {
    name = "path";
    description = (if absolute == null then "" else if absolute then "absolute " else "relative ")
      + "path"
      + (if inStore == null then "" else if inStore then " in the Nix store" else " not in the Nix store");
    descriptionClass = "noun";
    check = value:
      isStringLike value
      && (inStore == null || isStorePath value == inStore || (inStore && hasPrefix "${lib.strings.storeDir}/" (toString value)))
      && (absolute == null || hasPrefix "/" (toString value) == absolute);
    merge = lib.options.mergeEqualOption;
    functor = defaultFunctor "path" // { payload = { inherit absolute inStore; }; };
  };

  # A type of values that contain values of the same type, shown under one name.
  recursive = name: leaves:
    let this = types.nullOr (types.oneOf (leaves ++ [ (types.attrsOf this) (types.listOf this) ])) // { description = name; }; in this;

  types = {
    inherit defaultFunctor defaultTypeMerge either ints isOptionType isType mkOptionType numbers pathWith setType types;
    inherit attrsWith;
    # Two types of one option as one, as far as that needs no look inside them.
    mergeTypes = a: b:
      let values = lib.lists.unique (a.functor.payload.values ++ b.functor.payload.values); in
      assert isOptionType a && isOptionType b;
      if a.name != b.name then setType "merge-error" { error = "Cannot merge types"; }
      else if a.name == "enum" then types.enum values
      else a;
    optionDescriptionPhrase = phrase;
    noCheckForDocsModule = type: type;

    # Single values.
    raw = mkOptionType { name = "raw"; description = "raw value"; descriptionClass = "noun"; check = _: true; merge = lib.options.mergeOneOption; };
    anything = mkOptionType { name = "anything"; description = "anything"; descriptionClass = "noun"; check = _: true; };
    unspecified = mkOptionType { name = "unspecified"; description = "unspecified value"; descriptionClass = "noun"; };
    bool = leaf "bool" "boolean" isBool;
    boolByOr = leaf "boolByOr" "boolean (merged using or)" isBool // {
      merge = location: definitions: builtins.any (definition: definition.value) definitions;
    };
    int = leaf "int" "signed integer" isInt;
    float = leaf "float" "floating point number" isFloat;
    number = either types.int types.float;
    port = ints.u16;
    str = leaf "str" "string" isString;
    nonEmptyStr = leaf "nonEmptyStr" "non-empty string" (value: isString value && match "[ \t\n]*" value == null);
    singleLineStr = leaf "singleLineStr" "(optionally newline-terminated) single-line string" (value: isString value && match "[^\n\r]*\n?" value != null);
    strMatching = pattern: leaf "strMatching ${lib.strings.escapeNixString pattern}" "string matching the pattern ${pattern}" (value: isString value && match pattern value != null);
    separatedString = separated;
    lines = separated "\n";
    commas = separated ",";
    envVar = separated ":";
    string = lib.trivial.warn "The type `types.string` is deprecated." (separated "");
    passwdEntry = type: type // {
      name = "passwdEntry ${type.name}";
      description = "${nounOr [ ] type}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
      check = value: type.check value && match "[^:\n]*" (toString value) != null;
    };
    path = pathWith { absolute = true; };
    pathInStore = pathWith { inStore = true; };
    externalPath = pathWith { absolute = true; inStore = false; };
    fileset = leaf "fileset" "fileset" lib.fileset.isFileset;
    package = mkOptionType {
      name = "package";
      description = "package";
      descriptionClass = "noun";
      check = value: lib.attrsets.isDerivation value || isStorePath value;
      merge = location: definitions: lib.options.mergeOneOption location definitions;
    };
    shellPackage = types.package // { check = value: lib.attrsets.isDerivation value && value ? shellPath; };
    pkgs = leaf "pkgs" "Nixpkgs package set" (value: value._type or "" == "pkgs");
    enum = values: mkOptionType {
      name = "enum";
      description =
        let show = value: if isString value then ''"${value}"'' else if isInt value then toString value else if isBool value then lib.trivial.boolToString value else ''<${builtins.typeOf value}>''; in
        if values == [ ] then "impossible (empty enum)"
        else if length values == 1 then "value ${show (head values)} (singular enum)"
        else "one of ${lib.strings.concatMapStringsSep ", " show values}";
      descriptionClass = if length values < 2 then "noun" else "conjunction";
      check = value: elem value values;
      merge = lib.options.mergeEqualOption;
      functor = defaultFunctor "enum" // { payload = { inherit values; }; };
    };
    optionType = leaf "optionType" "optionType" isOptionType;
    optionDeclaration = leaf "optionDeclaration" "option declaration" (isType "option");
    luaInline = leaf "luaInline" "inline lua" (isType "lua-inline");

    # Values of values.
    listOf = elemType: wrap "listOf" elemType {
      description = "list of ${nounOr [ "composite" ] elemType}";
      descriptionClass = "composite";
      check = isList;
      emptyValue.value = [ ];
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
      substSubModules = modules: types.listOf (elemType.substSubModules modules);
    };
    nonEmptyListOf = elemType:
      let list = types.listOf elemType; in
      types.addCheck list (value: value != [ ]) // {
        description = "non-empty ${phrase (class: class == "noun") list}";
        emptyValue = { };
      };
    attrs = mkOptionType { name = "attrs"; description = "attribute set"; check = isAttrs; emptyValue.value = { }; };
    attrsOf = elemType: attrsWith { inherit elemType; };
    lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
    attrListOf = elemType: types.attrListWith { inherit elemType; };
    attrListWith = { elemType, ... }: wrap "attrListOf" elemType {
      description = "attribute list of ${nounOr [ "composite" ] elemType}";
      descriptionClass = "composite";
      check = value: isList value || isAttrs value;
      emptyValue.value = [ ];
    };
    loaOf = types.attrsOf;
    attrTag = tags: mkOptionType {
      name = "attrTag";
      description = "attribute-tagged union with choices: ${concatStringsSep ", " (attrNames tags)}";
      descriptionClass = "noun";
      check = value: isAttrs value && length (attrNames value) == 1 && tags ? ${head (attrNames value)};
      nestedTypes = mapAttrs (_: option: option.type) tags;
      functor = defaultFunctor "attrTag" // { payload = { inherit tags; }; };
    };
    nullOr = elemType: wrap "nullOr" elemType {
      description = "null or ${phrase (class: class == "noun" || class == "conjunction") elemType}";
      descriptionClass = "conjunction";
      check = value: value == null || elemType.check value;
      emptyValue.value = null;
      substSubModules = modules: types.nullOr (elemType.substSubModules modules);
    };
    oneOf = list:
      if list == [ ] then throw "List of types must be non-empty."
      else builtins.foldl' either (head list) (builtins.tail list);
    coercedTo = coercedType: coerceFunc: finalType: mkOptionType {
      name = "coercedTo";
      description = "${phrase (class: class == "noun") finalType} or ${phrase (class: class == "noun") coercedType} convertible to it";
      check = value: (coercedType.check value && finalType.check (coerceFunc value)) || finalType.check value;
      nestedTypes = { inherit coercedType finalType; };
      emptyValue = finalType.emptyValue;
      getSubOptions = finalType.getSubOptions;
      getSubModules = finalType.getSubModules;
      functor = defaultFunctor "coercedTo" // { payload = { inherit coerceFunc coercedType finalType; }; };
    };
    functionTo = elemType: wrap "functionTo" elemType {
      description = "function that evaluates to a(n) ${nounOr [ "composite" ] elemType}";
      descriptionClass = "composite";
      check = lib.trivial.isFunction;
    };
    unique = { message, ... }@how: type: wrap "unique" type {
      inherit (type) check description descriptionClass emptyValue;
    };
    uniq = types.unique { message = ""; };
    submodule = modules: submodules { modules = lib.lists.toList modules; shorthandOnlyDefinesConfig = true; };
    submoduleWith = submodules;
    deferredModule = deferred { };
    deferredModuleWith = deferred;
    addCheck = type: check: type // { check = value: type.check value && check value; };
    json = recursive "JSON value" [ types.bool types.int types.float types.str types.path ];
    toml = either types.bool types.int // { description = "TOML value"; check = value: isBool value || isInt value || isFloat value || isString value || isList value || isAttrs value; };
    serializableValueWith = { typeName, nullable ? true, ... }: recursive "${typeName} value" [ types.bool types.int types.float types.str types.path ];
  };
in
types
