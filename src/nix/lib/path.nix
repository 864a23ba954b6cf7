# Paths, and subpaths: relative path strings that never climb.
lib:
let
  inherit (builtins) concatStringsSep elem filter head isPath isString length match split stringLength substring typeOf;
  inherit (lib.lists) drop take;

  # Why a value is no subpath, or null.
  reason = value:
    if !(isString value) then "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then "The given string is empty"
    else if substring 0 1 value == "/" then "The given string \"${value}\" starts with a `/`, representing an absolute path"
    else if elem ".." (pieces value) then "The given string \"${value}\" contains a `..` component, which is not allowed in subpaths"
    else null;
  pieces = text: filter isString (split "/" text);
  components = text: filter (piece: piece != "" && piece != ".") (pieces text);
  joined = parts: if parts == [ ] then "./." else "./" + concatStringsSep "/" parts;
  checked = what: value: result:
    if reason value == null then result
    else throw "${what} is not a valid subpath string:\n    ${reason value}";

  # The components of a path and the root that they start from.
  deconstruct = path: { root = /.; parts = components (toString path); };
  mustBePath = what: value: result:
    if isPath value then result else throw "${what} is of type ${typeOf value}, but a path was expected";
in
rec {
  append = path: subpath:
    mustBePath "lib.path.append: The first argument" path
      (checked "lib.path.append: Second argument" subpath (path + ("/" + subpath)));

  hasPrefix = prefix:
    mustBePath "lib.path.hasPrefix: The first argument" prefix (path:
      mustBePath "lib.path.hasPrefix: The second argument" path (
        let wanted = (deconstruct prefix).parts; in
        take (length wanted) (deconstruct path).parts == wanted));

  removePrefix = prefix: path:
    if hasPrefix prefix path then joined (drop (length (deconstruct prefix).parts) (deconstruct path).parts)
    else throw "lib.path.removePrefix: The first path argument \"${toString prefix}\" is not a component-wise prefix of the second path argument \"${toString path}\".";

  splitRoot = path:
    mustBePath "lib.path.splitRoot: The argument" path {
      inherit (deconstruct path) root;
      subpath = joined (deconstruct path).parts;
    };

  hasStorePathPrefix = path:
    mustBePath "lib.path.hasStorePathPrefix: Argument" path
      (match "${lib.strings.storeDir}/[0-9a-z]{32}-[^/]*(/.*)?" (toString path) != null);

  subpath = {
    isValid = value: reason value == null;
    components = value: checked "lib.path.subpath.components: Argument" value (components value);
    normalise = value: checked "lib.path.subpath.normalise: Argument" value (joined (components value));
    join = values:
      let bad = filter (value: reason value != null) values; in
      if bad == [ ] then joined (builtins.concatMap components values)
      else throw "lib.path.subpath.join: Element is not a valid subpath string:\n    ${reason (head bad)}";
  };
}
