# Reading directories.
lib:
let
  inherit (builtins) attrNames concatMap pathExists readDir;

  # Nix before 2.14 has no `readFileType`.
  kindOf = builtins.readFileType or (path:
    if toString path == "/" then "directory"
    else (readDir (dirOf path)).${baseNameOf path});
in
rec {
  inherit (builtins) baseNameOf dirOf hashFile isPath readDir;
  readFileType = kindOf;

  pathType = path:
    if pathExists path then kindOf path
    else throw "lib.filesystem.pathType: Path ${toString path} does not exist.";
  pathIsDirectory = path: pathExists path && kindOf path == "directory";
  pathIsRegularFile = path: pathExists path && kindOf path == "regular";

  listFilesRecursive = dir:
    concatMap
      (name:
        let path = dir + "/${name}"; in
        if (readDir dir).${name} == "directory" then listFilesRecursive path else [ path ])
      (attrNames (readDir dir));

  # The nearest directory, here or above, with an entry whose name matches.
  locateDominatingFile = pattern: file:
    let
      search = dir:
        let
          found = builtins.filter (match: match != null) (map
            (name: let matches = builtins.match pattern name; in if matches == null then null else matches)
            (attrNames (readDir dir)));
        in
        if found != [ ] then { path = dir; matches = found; }
        else if dir == dirOf dir then null
        else search (dirOf dir);
      isDir = (readDir (dirOf file)).${baseNameOf file} or "directory" == "directory";
    in
    search (if isDir then file else dirOf file);

  # `package.nix` files become packages, other directories sets of them.
  packagesFromDirectoryRecursive = { callPackage, newScope ? throw "lib.packagesFromDirectoryRecursive: newScope is missing", directory, recurseIntoDirectory ? null }@args:
    let
      default = directory + "/package.nix";
      entry = name: kind:
        let path = directory + "/${name}"; in
        if kind == "directory" then { inherit name; value = inside path; }
        else if kind == "regular" && lib.strings.hasSuffix ".nix" name then { name = lib.strings.removeSuffix ".nix" name; value = callPackage path { }; }
        else if kind == "regular" then null
        else throw "lib.filesystem.packagesFromDirectoryRecursive: Unsupported file type ${kind} at path ${toString path}";
      inside = path: packagesFromDirectoryRecursive (args // { directory = path; });
      packages = f: builtins.listToAttrs (builtins.filter (entry: entry != null) (lib.attrsets.mapAttrsToList f (readDir directory)));
      # With scopes, each directory is one of its own inside the one above.
      scope = lib.customisation.makeScope newScope (self:
        let again = path: packagesFromDirectoryRecursive { inherit (self) callPackage newScope; directory = path; }; in
        lib.attrsets.recurseIntoAttrs (packages (name: kind:
          let path = directory + "/${name}"; in
          if kind == "directory" then { inherit name; value = again path; }
          else if kind == "regular" && lib.strings.hasSuffix ".nix" name then { name = lib.strings.removeSuffix ".nix" name; value = self.callPackage path { }; }
          else entry name kind)));
    in
    if pathExists default then callPackage default { }
    else if args ? newScope then scope
    else packages entry;
  resolveDefaultNix = path:
    if pathIsDirectory path then path + "/default.nix"
    else if builtins.isString path && lib.strings.hasSuffix "/" path then path + "default.nix"
    else path;
}
