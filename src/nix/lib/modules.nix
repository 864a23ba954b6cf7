# What modules are written with: tagged definitions, and modules that rename or remove options.
# The merge itself is done natively, outside of this library; its entry points are hooks here.
lib:
let
  inherit (builtins) concatMap elemAt filter head isAttrs isFunction length;
  inherit (lib.attrsets) attrByPath getAttrFromPath hasAttrByPath optionalAttrs setAttrByPath;
  inherit (lib.options) mkOption showOption;
  inherit (lib.strings) optionalString;
in
rec {
  notModelled = name: throw "not modelled yet: ${name}";

  evalModules = _: notModelled "lib.evalModules";
  collectModules = _: notModelled "lib.modules.collectModules";
  mergeModules = _: notModelled "lib.mergeModules";
  mergeModules' = _: notModelled "lib.mergeModules'";
  mergeDefinitions = _: notModelled "lib.mergeDefinitions";
  mergeOptionDecls = _: notModelled "lib.mergeOptionDecls";
  evalOptionValue = _: notModelled "lib.evalOptionValue";
  fixupOptionType = _: notModelled "lib.fixupOptionType";

  # Definitions under a condition, in pieces, with a priority, with a place in the order.
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkAssert = assertion: message: mkIf (if assertion then true else throw "\nFailed assertion: ${message}");
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride defaultPriority;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkFixStrictness = lib.trivial.warn "lib.mkFixStrictness has no effect and will be removed. It returns its argument unmodified, so you can just remove any calls." lib.trivial.id;
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  mkDefinition = { file, value, ... }@definition: definition // { _type = "definition"; };
  # Applies a function to the value inside all tags.
  mapDefinitionValue = f: definition:
    let
      kind = definition._type or "";
      inside = mapDefinitionValue f;
    in
    if kind == "merge" then definition // { contents = map inside definition.contents; }
    else if builtins.elem kind [ "if" "order" "override" ] then definition // { content = inside definition.content; }
    else if kind == "definition" then definition // { value = inside definition.value; }
    else f definition;
  defaultPriority = 1000;
  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;

  # Spreads a tagged set over its attributes, as far as that needs no values.
  pushDownProperties = config:
    if config._type or "" == "merge" then concatMap pushDownProperties config.contents
    else if config._type or "" == "if" then map (builtins.mapAttrs (_: mkIf config.condition)) (pushDownProperties config.content)
    else if config._type or "" == "override" then map (builtins.mapAttrs (_: mkOverride config.priority)) (pushDownProperties config.content)
    else [ config ];
  # The definitions that hold, with their tags for condition and merge gone.
  dischargeProperties = definition:
    if definition._type or "" == "merge" then concatMap dischargeProperties definition.contents
    else if definition._type or "" == "if" then
      if !(builtins.isBool definition.condition) then throw "‘mkIf’ called with a non-Boolean condition"
      else if definition.condition then dischargeProperties definition.content
      else [ ]
    else [ definition ];
  # Keeps the definitions of the highest priority (the lowest number).
  filterOverrides = definitions: (filterOverrides' definitions).values;
  filterOverrides' = definitions:
    let
      priority = definition: if definition.value._type or "" == "override" then definition.value.priority else defaultOverridePriority;
      highestPrio = builtins.foldl' (best: definition: lib.trivial.min best (priority definition)) 9999 definitions;
      strip = definition: if definition.value._type or "" == "override" then definition // { value = definition.value.content; } else definition;
    in
    {
      values = map strip (filter (definition: priority definition == highestPrio) definitions);
      inherit highestPrio;
    };
  sortProperties = definitions:
    let
      strip = definition:
        if definition.value._type or "" == "order" then definition // { value = definition.value.content; inherit (definition.value) priority; } else definition;
      stripped = map strip definitions;
      order = definition: definition.priority or defaultOrderPriority;
    in
    builtins.sort (a: b: order a < order b) stripped;

  # Modules as values.
  setDefaultModuleLocation = file: module: { _file = file; imports = [ module ]; };
  importApply = path: static: setDefaultModuleLocation path (import path static);
  applyModuleArgsIfFunction = key: f: args: if lib.trivial.isFunction f then f args else f;
  unifyModuleSyntax = file: key: module:
    let
      tags = [ "_class" "_file" "key" "disabledModules" "imports" "options" "config" "meta" "freeformType" ];
      base = {
        _file = toString module._file or file;
        _class = module._class or null;
        key = toString module.key or key;
        disabledModules = module.disabledModules or [ ];
        imports = module.imports or [ ];
      };
      withMeta = config:
        if module ? meta then mkMerge [ config { inherit (module) meta; } ] else config;
      withFreeform = config:
        if module ? freeformType then mkMerge [ config { _module.freeformType = module.freeformType; } ] else config;
    in
    if module ? config || module ? options then
      let unknown = removeAttrs module tags; in
      if unknown != { } then throw "Module `${key}' has an unsupported attribute `${head (builtins.attrNames unknown)}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString (builtins.attrNames unknown)}) into the explicit `config' attribute."
      else base // { options = module.options or { }; config = withFreeform (withMeta (module.config or { })); }
    else if !(isAttrs module) then throw "module ${file} (${key}) does not look like a module."
    else base // { options = { }; config = withFreeform (removeAttrs module [ "_class" "_file" "key" "disabledModules" "require" "imports" "freeformType" ]); };
  importJSON = file: { _file = file; config = lib.trivial.importJSON file; };
  importTOML = file: { _file = file; config = lib.trivial.importTOML file; };

  # Definitions copied from one option to another, priorities and all.
  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.trivial.id;
  mkAliasAndWrapDefinitions = wrap: option: mkAliasIfDef option (wrap (mkMerge option.definitions));
  mkAliasAndWrapDefsWithPriority = wrap: option:
    let keep = mkOverride (option.highestPrio or defaultOverridePriority); in
    mkAliasIfDef option (wrap (mkMerge (map keep option.definitions)));
  mkAliasIfDef = option: mkIf (isAttrs option && option.isDefined);
  mkDerivedConfig = option: f: mkIf option.isDefined (f option.value);

  # Modules that keep old option names alive, or say where they went.
  mkAliasOptionModule = from: to: doRename { inherit from to; visible = true; warn = false; use = lib.trivial.id; };
  mkAliasOptionModuleMD = mkAliasOptionModule;
  mkRenamedOptionModule = from: to: doRename {
    inherit from to;
    visible = false;
    warn = true;
    use = lib.trivial.warn "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
  };
  mkRenamedOptionModuleWith = { from, to, sinceRelease }:
    let late = lib.trivial.oldestSupportedReleaseIsAtLeast sinceRelease; in
    doRename {
      inherit from to;
      visible = false;
      warn = late;
      use = lib.trivial.warnIf late "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
    };
  mkRemovedOptionModule = path: replacement: { options, ... }: {
    options = setAttrByPath path (mkOption {
      visible = false;
      apply = _: throw "The option `${showOption path}' can no longer be used since it's been removed. ${replacement}";
    });
    config.assertions =
      let option = getAttrFromPath path options; in
      [{
        assertion = !option.isDefined;
        message = "The option definition `${showOption path}' in ${lib.options.showFiles option.files} no longer has any effect; please remove it.\n${replacement}\n";
      }];
  };
  mkMergedOptionModule = from: to: merge: { config, options, ... }: {
    options = builtins.foldl' lib.attrsets.recursiveUpdate { } (map
      (path: setAttrByPath path (mkOption {
        visible = false;
        default = "_mkMergedOptionModule";
      }))
      from);
    config = {
      warnings = filter (text: text != "") (map
        (path:
          let
            value = getAttrFromPath path config;
            option = getAttrFromPath path options;
          in
          optionalString (value != "_mkMergedOptionModule")
            "The option `${showOption path}' defined in ${lib.options.showFiles option.files} has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly.")
        from);
    } // setAttrByPath to (mkMerge
      (lib.lists.optional
        (builtins.any (path: getAttrFromPath path config != "_mkMergedOptionModule") from)
        (merge config)));
  };
  mkChangedOptionModule = from: to: change: mkMergedOptionModule [ from ] to change;

  doRename = { from, to, visible, warn, use, withPriority ? true, condition ? true }: { config, options, ... }:
    let
      fromOption = getAttrFromPath from options;
      toOf = attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.");
      toType = (attrByPath to { } options).type or (lib.types.submodule { });
    in
    {
      options = setAttrByPath from (mkOption ({
        inherit visible;
        description = "Alias of {option}`${showOption to}`.";
        apply = _: use (toOf config);
      } // optionalAttrs (toType != null) { type = toType; }));
      config = mkIf condition (mkMerge [
        (optionalAttrs (options ? warnings) {
          warnings = lib.lists.optional (warn && fromOption.isDefined)
            "The option `${showOption from}' defined in ${lib.options.showFiles fromOption.files} has been renamed to `${showOption to}'.";
        })
        (if withPriority
        then mkAliasAndWrapDefsWithPriority (setAttrByPath to) fromOption
        else mkAliasAndWrapDefinitions (setAttrByPath to) fromOption)
      ]);
    };
}
