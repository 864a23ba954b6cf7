# Functions that can be called again with other arguments, and scopes of packages.
lib:
let
  inherit (builtins) attrNames intersectAttrs isAttrs isFunction mapAttrs;
  inherit (lib.trivial) functionArgs mirrorFunctionArgs;
in
rec {
  # A function whose results can be made again with other arguments: `result.override { … }`.
  makeOverridable = f:
    let
      call = args:
        let
          result = f args;
          changed = new: args // (if isFunction new then new args else new);
          override = mirrorFunctionArgs f (new: makeOverridable f (changed new));
          through = g: makeOverridable (mirrorFunctionArgs f (args: g (f args))) args;
        in
        if isAttrs result then
          result // {
            inherit override;
            overrideDerivation = change: through (value: overrideDerivation value change);
          } // lib.attrsets.optionalAttrs (result ? overrideAttrs) {
            overrideAttrs = change: through (value: value.overrideAttrs change);
          }
        else if isFunction result then
          lib.trivial.setFunctionArgs result (functionArgs result) // { inherit override; }
        else result;
    in
    # What a set that can be called says of itself, it goes on saying.
    if isAttrs f then
      f // {
        __functor = _: call;
        __functionArgs = functionArgs f;
      } // lib.attrsets.optionalAttrs (f ? override) {
        override = new: makeOverridable (f.override new);
      }
    else mirrorFunctionArgs f call;

  overrideDerivation = package: change:
    lib.modules.notModelled "lib.overrideDerivation";

  callPackageWith = scope: file: args:
    let
      f = if lib.trivial.isFunction file then file else import file;
      wanted = functionArgs f;
      all = intersectAttrs wanted scope // args;
      missing = builtins.filter (name: !wanted.${name} && !(all ? ${name})) (attrNames wanted);
      where = if builtins.isPath file || builtins.isString file then " called in ${toString file}" else "";
    in
    if missing == [ ] then makeOverridable f all
    else abort "lib.customisation.callPackageWith: Function called without required argument \"${builtins.head missing}\"${where}";

  callPackagesWith = scope: file: args:
    let
      f = if lib.trivial.isFunction file then file else import file;
      all = intersectAttrs (functionArgs f) scope // args;
      packages = f all;
      one = name: value: value // {
        override = mirrorFunctionArgs f (new: (f (all // (if isFunction new then new all else new))).${name});
      };
    in
    if lib.attrsets.isDerivation packages then throw "function `callPackages` was called on a *single* derivation; did you mean to use `callPackage` instead?"
    else mapAttrs (name: value: if isAttrs value then one name value else value) packages;

  extendDerivation = condition: extra: package:
    let
      outputs = package.outputs or [ "out" ];
      common = package // extra // builtins.listToAttrs (map (name: { inherit name; value = output name; }) outputs) // { all = map output outputs; };
      output = name: common // {
        inherit (package.${name}) type outputName;
        outputSpecified = true;
        drvPath = assert condition; package.${name}.drvPath;
        outPath = assert condition; package.${name}.outPath;
      };
    in
    common // {
      drvPath = assert condition; package.drvPath;
      outPath = assert condition; package.outPath;
    };
  # A derivation that is computed only where its own attributes do not tell.
  lazyDerivation = { derivation, meta ? null, passthru ? { }, outputs ? [ "out" ] }@args:
    lib.attrsets.genAttrs outputs (name: derivation.${name}) // {
      type = "derivation";
      inherit outputs;
      inherit (derivation) drvPath name outPath outputName system;
      meta = args.meta or derivation.meta;
    } // passthru;
  extendMkDerivation = _: lib.modules.notModelled "lib.extendMkDerivation";
  hydraJob = package: package;

  makeScope = newScope: f:
    let
      self = { callPackage = self.newScope { }; } // f self // {
        newScope = scope: newScope (self // scope);
        overrideScope = overlay: makeScope newScope (lib.fixedPoints.extends overlay f);
        packages = f;
      };
    in
    self;
  makeScopeWithSplicing = _: lib.modules.notModelled "lib.makeScopeWithSplicing";
  makeScopeWithSplicing' = _: lib.modules.notModelled "lib.makeScopeWithSplicing'";
}
