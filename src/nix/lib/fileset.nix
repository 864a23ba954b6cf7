# File sets: lists of files below a directory. Sets are kept as a list of absolute paths, which is
# enough to say what is in them; a source made of one is its root.
lib:
let
  inherit (builtins) concatMap elem filter isPath;
  inherit (lib.filesystem) listFilesRecursive pathIsDirectory;

  make = files: { _type = "fileset"; inherit files; };
  filesOf = value:
    if value._type or "" == "fileset" then value.files
    else if value ? _isLibCleanSourceWith then filesOf (fromSource value)
    else if !(isPath value) then throw "lib.fileset: expected a file set or a path, but got ${builtins.typeOf value}"
    else if !(builtins.pathExists value) then throw "lib.fileset: the path ${toString value} does not exist"
    else if pathIsDirectory value then listFilesRecursive value
    else [ value ];
  fromSource = source: make (filter (path: source.filter (toString path) "regular") (listFilesRecursive source.origSrc));
in
{
  inherit fromSource;
  isFileset = value: value._type or "" == "fileset" || isPath value;
  empty = make [ ];
  maybeMissing = path: if builtins.pathExists path then make (filesOf path) else make [ ];
  union = a: b: make (lib.lists.unique (filesOf a ++ filesOf b));
  unions = sets: make (lib.lists.unique (concatMap filesOf sets));
  intersection = a: b: let other = filesOf b; in make (filter (file: elem file other) (filesOf a));
  difference = a: b: let other = filesOf b; in make (filter (file: !(elem file other)) (filesOf a));
  fileFilter = keep: path: make (filter
    (file:
      let name = baseNameOf file; in
      keep { inherit name; type = lib.filesystem.readFileType file; hasExt = extension: lib.strings.hasSuffix ".${extension}" name; })
    (filesOf path));
  gitTracked = path: make (filesOf path);
  gitTrackedWith = _: path: make (filesOf path);
  toList = filesOf;
  toSource = { root, fileset }: {
    _isLibCleanSourceWith = true;
    origSrc = root;
    name = "source";
    outPath = root;
    filter = path: _: builtins.any (file: toString file == toString path || lib.strings.hasPrefix (toString path + "/") (toString file)) (filesOf fileset);
  };
  trace = fileset: value: value;
  traceVal = fileset: fileset;
}
