# hostward's own model of nixpkgs' `lib`: the same names and the same results, written anew from
# their documented behaviour. What needs a store, packages or the module system's fixed point is
# a hook that says so when it is called. Every name is lazy: asking for one computes that one.
let
  fixedPoints = import ./fixed-points.nix { };

  make = lib:
    let
      parts = {
        inherit fixedPoints;
        asserts = import ./asserts.nix lib;
        attrsets = import ./attrsets.nix lib;
        cli = import ./cli.nix lib;
        customisation = import ./customisation.nix lib;
        debug = import ./debug.nix lib;
        filesystem = import ./filesystem.nix lib;
        fileset = import ./fileset.nix lib;
        generators = import ./generators.nix lib;
        licenses = import ./licenses.nix lib;
        lists = import ./lists.nix lib;
        meta = import ./meta.nix lib;
        modules = import ./modules.nix lib;
        options = import ./options.nix lib;
        path = import ./path.nix lib;
        sources = import ./sources.nix lib;
        strings = import ./strings.nix lib;
        systems = import ./systems.nix lib;
        trivial = import ./trivial.nix lib;
        types = import ./types.nix lib;
        versions = import ./versions.nix lib;
      };
      # What `lib` also knows without the name of its part. Where two parts share a name, the
      # later one has it.
      flat = with parts;
        builtinNames // sources // modules // fixedPoints // asserts // lists // attrsets // debug
        // filesystem // meta // customisation // options // strings // trivial
        // {
          inherit (lists) replicate;
          inherit (types) defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType;
        };
    in
    flat // parts // {
      flakes = { inherit (lib) flakeRefToString parseFlakeRef; };
      platforms = parts.systems.doubles;

      inherit (parts.generators) mkLuaInline;
      optionalDrvAttr = condition: value: if condition then value else null;
      fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
      fakeSha256 = parts.strings.replicate 64 "0";
      fakeSha512 = parts.strings.replicate 128 "0";

      # Open sets: who maintains a package decides nothing here.
      maintainers = { };
      teams = { };

      nixosSystem = _: parts.modules.notModelled "lib.nixosSystem";
      darwinSystem = _: parts.modules.notModelled "lib.darwinSystem";
    };

  # The builtins that `lib` hands on under their own names; older Nix lacks the last of them.
  builtinNames = {
    inherit (builtins)
      addErrorContext attrNames attrValues baseNameOf catAttrs compareVersions concatLists
      concatMap concatStringsSep deepSeq dirOf elem elemAt filter fromJSON fromTOML functionArgs
      genList genericClosure getAttr getContext hasAttr hasContext hashFile hashString head
      intersectAttrs isAttrs isBool isFloat isInt isList isPath isString length lessThan
      listToAttrs map match parseDrvName pathExists placeholder readDir readFile removeAttrs
      replaceStrings seq split splitVersion stringLength sub substring tail toFile toJSON toString
      toXML trace tryEval typeOf unsafeDiscardOutputDependency unsafeDiscardStringContext
      unsafeGetAttrPos;
    convertHash = builtins.convertHash;
    flakeRefToString = builtins.flakeRefToString;
    parseFlakeRef = builtins.parseFlakeRef;
  };
in
fixedPoints.makeExtensible make
