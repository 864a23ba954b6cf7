# Parts of version strings.
lib: rec {
  inherit (builtins) compareVersions;
  splitVersion = builtins.splitVersion;
  major = version: builtins.elemAt (splitVersion version) 0;
  minor = version: builtins.elemAt (splitVersion version) 1;
  patch = version: builtins.elemAt (splitVersion version) 2;
  majorMinor = version: builtins.concatStringsSep "." (lib.lists.take 2 (splitVersion version));

  # Exactly `n` components: longer versions are cut, shorter ones get zeros.
  pad = n: version:
    let
      numbers = builtins.head (lib.strings.splitString "-" version);
      suffix = lib.strings.removePrefix numbers version;
      have = lib.lists.take n (lib.strings.splitString "." numbers);
    in
    builtins.concatStringsSep "." (have ++ lib.lists.replicate (lib.trivial.max 0 (n - builtins.length have)) "0") + suffix;
}
