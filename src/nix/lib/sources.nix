# Source trees. Nothing is copied or filtered here: a cleaned source is the path it came from,
# with a note of what it was made of.
lib: rec {
  cleanSourceFilter = name: type:
    let base = baseNameOf (toString name); in
    !(
      base == ".git" || type == "directory" && builtins.elem base [ ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ]
      || lib.strings.hasSuffix "~" base
      || builtins.match "\\.sw[a-z]|\\..*\\.sw[a-z]" base != null
      || type == "regular" && (lib.strings.hasSuffix ".o" base || lib.strings.hasSuffix ".so" base)
      || type == "symlink" && lib.strings.hasPrefix "result" base
      || type == "unknown"
    );
  cleanSourceWith = { src, filter ? _: _: true, name ? null }:
    let
      origin = src.origSrc or src;
      both = path: type: (src.filter or (_: _: true)) path type && filter path type;
    in
    {
      _isLibCleanSourceWith = true;
      origSrc = origin;
      filter = both;
      name = if name != null then name else src.name or "source";
      outPath = origin;
    };
  cleanSource = src: cleanSourceWith { filter = cleanSourceFilter; inherit src; };
  filterSource = { filter, src, name ? null }: cleanSourceWith { inherit filter src name; };
  canCleanSource = src: src ? _isLibCleanSourceWith || !(pathHasContext (toString src));
  sourceByRegex = src: patterns: cleanSourceWith {
    inherit src;
    filter = path: type:
      let relative = lib.strings.removePrefix (toString (src.origSrc or src) + "/") (toString path); in
      builtins.any (pattern: builtins.match pattern relative != null) patterns;
  };
  sourceFilesBySuffices = src: suffixes: cleanSourceWith {
    inherit src;
    filter = name: type:
      type == "directory" || builtins.any (suffix: lib.strings.hasSuffix suffix (baseNameOf (toString name))) suffixes;
  };
  trace = src: src;
  pathHasContext = builtins.hasContext or (text: false);
  pathIsGitRepo = path: builtins.pathExists (path + "/HEAD") && builtins.pathExists (path + "/objects");
  commitIdFromGitRepo = _: lib.modules.notModelled "lib.commitIdFromGitRepo";
  revOrTag = rev: tag: if rev != null then rev else if tag != null then tag else "HEAD";
  shortRev = rev:
    if builtins.match "[a-f0-9]{40}" rev != null then builtins.substring 0 7 rev else rev;
}
