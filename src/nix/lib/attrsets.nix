# Attribute sets.
lib:
let
  inherit (builtins) attrNames attrValues concatMap elemAt foldl' isAttrs length listToAttrs mapAttrs removeAttrs;
in
rec {
  inherit (builtins) attrNames attrValues catAttrs getAttr hasAttr intersectAttrs isAttrs listToAttrs mapAttrs removeAttrs;

  nameValuePair = name: value: { inherit name value; };
  attrsToList = mapAttrsToList nameValuePair;

  # The value at a path, as far as the path goes: `yes` of it, or `no`.
  attrByPath = path: default: set:
    let
      depth = length path;
      walk = i: value:
        if i == depth then value
        else if isAttrs value && value ? ${elemAt path i} then walk (i + 1) value.${elemAt path i}
        else default;
    in
    walk 0 set;
  hasAttrByPath = path: set:
    let
      depth = length path;
      walk = i: value:
        i == depth || (isAttrs value && value ? ${elemAt path i} && walk (i + 1) value.${elemAt path i});
    in
    walk 0 set;
  getAttrFromPath = path: set:
    attrByPath path (abort "cannot find attribute `${lib.strings.concatStringsSep "." path}'") set;
  longestValidPathPrefix = path: set:
    let
      depth = length path;
      walk = i: value:
        if i == depth then i
        else if isAttrs value && value ? ${elemAt path i} then walk (i + 1) value.${elemAt path i}
        else i;
    in
    lib.lists.take (walk 0 set) path;
  setAttrByPath = path: value:
    lib.lists.foldr (name: inner: { ${name} = inner; }) value path;

  # Each update is `{ path; update = old: new; }`; updates of outer paths come first.
  updateManyAttrsByPath = updates: set:
    let
      apply = depth: updates: has: value:
        let
          here = builtins.partition (u: length u.path == depth) updates;
          inner = builtins.groupBy (u: elemAt u.path depth) here.wrong;
          old = if inner == { } then null else if has then value else { };
          changed =
            if inner == { } then value
            else if !(isAttrs old) then throw "updateManyAttrsByPath: a path leads into something that is no attribute set"
            else old // mapAttrs (name: updates: apply (depth + 1) updates (old ? ${name}) (old.${name} or null)) inner;
          missing = lib.strings.concatMapStringsSep "." lib.strings.escapeNixIdentifier (lib.lists.take depth (builtins.head updates).path);
        in
        if inner == { } && here.right == [ ] then value
        else if inner == { } && !has then
          lib.lists.foldl (old: u: u.update old) (throw "updateManyAttrsByPath: the path '${missing}' does not exist in the given value, but the first update to this path tries to access the existing value") here.right
        else lib.lists.foldl (old: u: u.update old) changed here.right;
    in
    if updates == [ ] then set else apply 0 updates true set;

  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: lib.trivial.pipe names [ (map (name: nameValuePair name set.${name})) listToAttrs ];
  optionalAttrs = condition: set: if condition then set else { };

  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = values: f: listToAttrs (map f values);
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  concatMapAttrs = f: set: foldl' (done: next: done // next) { } (mapAttrsToList f set);
  foldlAttrs = f: nul: set: foldl' (done: name: f done name set.${name}) nul (attrNames set);
  foldAttrs = f: nul: sets: mapAttrs (_: lib.lists.foldr f nul) (zipAttrs sets);

  filterAttrs = keep: set: removeAttrs set (builtins.filter (name: !(keep name set.${name})) (attrNames set));
  filterAttrsRecursive = keep: set:
    mapAttrs (_: value: if isAttrs value then filterAttrsRecursive keep value else value) (filterAttrs keep set);

  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond = enter: f:
    let
      walk = path: mapAttrs (name: value:
        let here = path ++ [ name ]; in
        if isAttrs value && enter value then walk here value else f here value);
    in
    walk [ ];
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond = enter: f: set:
    let
      walk = path: value:
        if isAttrs value && (path == [ ] || enter path value)
        then concatMap (name: walk (path ++ [ name ]) value.${name}) (attrNames value)
        else [ (f path value) ];
    in
    walk [ ] set;

  # Everything inside nested lists and sets that `is` accepts.
  collect = is: value:
    if is value then [ value ]
    else if isAttrs value then concatMap (collect is) (attrValues value)
    else [ ];

  cartesianProduct = sets:
    foldl'
      (done: name: concatMap (partial: map (value: partial // { ${name} = value; }) sets.${name}) done)
      [ { } ]
      (attrNames sets);
  mapCartesianProduct = f: sets: map f (cartesianProduct sets);

  zipAttrsWithNames = names: f: sets:
    genAttrs names (name: f name (builtins.catAttrs name sets));
  zipAttrsWith = builtins.zipAttrsWith or (f: sets: zipAttrsWithNames (concatMap attrNames sets) f sets);
  zipAttrs = zipAttrsWith (_: values: values);

  mergeAttrsList = sets:
    let
      merge = start: end:
        let middle = (start + end) / 2; in
        if end - start == 1 then elemAt sets start
        else merge start middle // merge middle end;
    in
    if sets == [ ] then { } else merge 0 (length sets);
  unionOfDisjoint = a: b:
    let
      shared = builtins.intersectAttrs a b;
      clash = mapAttrs (name: _: throw "unionOfDisjoint: collision on ${name}; complete list: ${builtins.concatStringsSep " " (attrNames shared)}") shared;
    in
    (a // b) // clash;

  recursiveUpdate = recursiveUpdateUntil (_: old: new: !(isAttrs old && isAttrs new));
  recursiveUpdateUntil = stop: left: right:
    let
      walk = path: zipAttrsWith (name: values:
        let here = path ++ [ name ]; in
        if length values == 1 || stop here (elemAt values 1) (elemAt values 0) then elemAt values 0
        else walk here values);
    in
    walk [ ] [ right left ];

  # Does `set` hold all that `pattern` says?
  matchAttrs = pattern: set:
    assert isAttrs pattern;
    builtins.all
      (name:
        set ? ${name} && (
          let wanted = pattern.${name}; have = set.${name}; in
          if isAttrs wanted then isAttrs have && matchAttrs wanted have else wanted == have
        ))
      (attrNames pattern);

  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;

  # What the attributes of derivations and their outputs are.
  isDerivation = value: value.type or null == "derivation";
  toDerivation = path:
    let
      text = builtins.unsafeDiscardStringContext (toString path);
      result = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf text));
        outPath = toString path;
        outputs = [ "out" ];
        out = result;
        outputName = "out";
      };
    in
    result;
  getOutput = output: package:
    if package.outputSpecified or false then package else package.${output} or package.out or package;
  getFirstOutput = candidates: package:
    let
      output = lib.lists.findFirst (name: package ? ${name}) null candidates;
    in
    if package.outputSpecified or false || output == null then package else package.${output};
  getBin = getOutput "bin";
  getLib = getFirstOutput [ "lib" "out" ];
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getDev = getOutput "dev";
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  getMan = getFirstOutput [ "man" "out" ];
  chooseDevOutputs = map getDev;
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  showAttrPath = path:
    if path == [ ] then "<root attribute path>"
    else lib.strings.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;
}
