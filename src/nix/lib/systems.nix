# Platforms: the common `cpu-kernel` pairs and what follows from one of them.
lib:
let
  inherit (builtins) elem elemAt filter match;
  inherit (lib.strings) hasPrefix hasSuffix;

  cpus = {
    aarch64 = { bits = 64; family = "arm"; };
    armv5tel = { bits = 32; family = "arm"; };
    armv6l = { bits = 32; family = "arm"; };
    armv7a = { bits = 32; family = "arm"; };
    armv7l = { bits = 32; family = "arm"; };
    i686 = { bits = 32; family = "x86"; };
    loongarch64 = { bits = 64; family = "loongarch"; };
    mips64el = { bits = 64; family = "mips"; };
    mipsel = { bits = 32; family = "mips"; };
    powerpc64 = { bits = 64; family = "power"; };
    powerpc64le = { bits = 64; family = "power"; };
    riscv32 = { bits = 32; family = "riscv"; };
    riscv64 = { bits = 64; family = "riscv"; };
    s390x = { bits = 64; family = "s390"; };
    x86_64 = { bits = 64; family = "x86"; };
  };
  kernels = {
    linux = [ "aarch64" "armv5tel" "armv6l" "armv7a" "armv7l" "i686" "loongarch64" "mips64el" "mipsel" "powerpc64" "powerpc64le" "riscv32" "riscv64" "s390x" "x86_64" ];
    darwin = [ "aarch64" "x86_64" ];
    freebsd = [ "aarch64" "i686" "x86_64" ];
    netbsd = [ "aarch64" "armv6l" "armv7a" "armv7l" "i686" "mipsel" "powerpc64le" "riscv32" "riscv64" "x86_64" ];
    openbsd = [ "i686" "x86_64" ];
    windows = [ "aarch64" "i686" "x86_64" ];
    cygwin = [ "x86_64" ];
  };
  doublesOf = kernel: map (cpu: "${cpu}-${kernel}") kernels.${kernel};
  all = builtins.concatMap doublesOf [ "cygwin" "darwin" "freebsd" "linux" "netbsd" "openbsd" "windows" ];
  where = is: filter (double: is (split double)) all;
  split = system:
    let found = match "([^-]+)-(.*)" system; in
    if found == null then throw "lib.systems: `${system}` is not a system"
    else { cpu = elemAt found 0; kernel = elemAt found 1; };
  family = double: cpus.${double.cpu}.family or "unknown";

  doubles = {
    inherit all;
    aarch = where (double: family double == "arm");
    aarch64 = where (double: double.cpu == "aarch64");
    arm = where (double: family double == "arm" && double.cpu != "aarch64");
    cygwin = doublesOf "cygwin";
    darwin = doublesOf "darwin";
    freebsd = doublesOf "freebsd";
    gnu = doublesOf "linux";
    i686 = where (double: double.cpu == "i686");
    linux = doublesOf "linux";
    mips = where (double: family double == "mips");
    netbsd = doublesOf "netbsd";
    none = [ ];
    openbsd = doublesOf "openbsd";
    power = where (double: family double == "power");
    riscv = where (double: family double == "riscv");
    riscv64 = where (double: double.cpu == "riscv64");
    unix = filter (double: !(hasSuffix "-windows" double)) all;
    windows = doublesOf "windows";
    x86 = where (double: family double == "x86");
    x86_64 = where (double: double.cpu == "x86_64");
  };

  elaborate = given:
    let
      args = if builtins.isString given then { system = given; } else given;
      system = args.system or (let triple = match "([^-]+)-([^-]+)-([^-]+)(-.*)?" args.config; in "${elemAt triple 0}-${elemAt triple 2}");
      double = split system;
      cpu = { name = double.cpu; bits = 0; family = "unknown"; } // cpus.${double.cpu} or { };
      linux = double.kernel == "linux";
      darwin = double.kernel == "darwin";
      vendor = if darwin then "apple" else if cpu.family == "x86" && double.kernel == "windows" then "w64" else if cpu.family == "x86" && linux || true then "unknown" else "pc";
      abi = if linux then "gnu" else "unknown";
      platform = {
        inherit system;
        config =
          if linux then "${double.cpu}-unknown-linux-${if double.cpu == "armv7l" || double.cpu == "armv6l" then "gnueabihf" else "gnu"}"
          else if darwin then "${if double.cpu == "aarch64" then "arm64" else double.cpu}-apple-darwin"
          else "${double.cpu}-${vendor}-${double.kernel}";
        parsed = {
          _type = "system";
          inherit cpu;
          vendor.name = vendor;
          kernel.name = double.kernel;
          abi.name = abi;
        };
        isLinux = linux;
        isDarwin = darwin;
        isMacOS = darwin;
        isiOS = false;
        isFreeBSD = double.kernel == "freebsd";
        isNetBSD = double.kernel == "netbsd";
        isOpenBSD = double.kernel == "openbsd";
        isBSD = elem double.kernel [ "freebsd" "netbsd" "openbsd" ];
        isWindows = elem double.kernel [ "windows" "cygwin" ];
        isCygwin = double.kernel == "cygwin";
        isMinGW = double.kernel == "windows";
        isUnix = double.kernel != "windows";
        isGnu = linux;
        isMusl = false;
        isStatic = false;
        isx86 = cpu.family == "x86";
        isx86_64 = double.cpu == "x86_64";
        isx86_32 = double.cpu == "i686";
        isi686 = double.cpu == "i686";
        isAarch = cpu.family == "arm";
        isAarch64 = double.cpu == "aarch64";
        isAarch32 = cpu.family == "arm" && cpu.bits == 32;
        isArmv7 = hasPrefix "armv7" double.cpu;
        isMips = cpu.family == "mips";
        isPower = cpu.family == "power";
        isPower64 = cpu.family == "power" && cpu.bits == 64;
        isRiscV = cpu.family == "riscv";
        isRiscV64 = double.cpu == "riscv64";
        isRiscV32 = double.cpu == "riscv32";
        isLoongArch64 = double.cpu == "loongarch64";
        isS390 = cpu.family == "s390";
        isS390x = double.cpu == "s390x";
        isWasm = false;
        isAvr = false;
        is32bit = cpu.bits == 32;
        is64bit = cpu.bits == 64;
        isLittleEndian = !(elem double.cpu [ "powerpc64" "s390x" ]);
        isBigEndian = elem double.cpu [ "powerpc64" "s390x" ];
        isEfi = elem cpu.family [ "arm" "loongarch" "riscv" "x86" ] && double.cpu != "riscv32";
        libc = if linux then "glibc" else if darwin then "libSystem" else "unknown";
        linuxArch = if double.cpu == "aarch64" then "arm64" else if cpu.family == "arm" then "arm" else if double.cpu == "i686" then "i386" else double.cpu;
        darwinArch = if double.cpu == "aarch64" then "arm64" else double.cpu;
        qemuArch = if double.cpu == "i686" then "i386" else if cpu.family == "arm" && cpu.bits == 32 then "arm" else double.cpu;
        uname = {
          system = { linux = "Linux"; darwin = "Darwin"; freebsd = "FreeBSD"; netbsd = "NetBSD"; openbsd = "OpenBSD"; windows = "Windows"; cygwin = "CYGWIN_NT"; }.${double.kernel} or null;
          processor = if darwin && double.cpu == "aarch64" then "arm64" else double.cpu;
          release = null;
        };
        extensions = {
          executable = if double.kernel == "windows" then ".exe" else "";
          library = extensions.sharedLibrary;
          sharedLibrary = if darwin then ".dylib" else if double.kernel == "windows" then ".dll" else ".so";
          staticLibrary = ".a";
        };
        hasSharedLibraries = true;
        canExecute = other: other.parsed.kernel.name == double.kernel && (other.parsed.cpu.name == double.cpu || double.cpu == "x86_64" && other.parsed.cpu.name == "i686");
        emulatorAvailable = _: false;
      };
      extensions = platform.extensions;
    in
    platform // args // { inherit (platform) system; };
in
{
  inherit doubles elaborate;
  platforms = doubles;
  equals = a: b: a.system == b.system;
  flakeExposed = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "armv6l-linux" "armv7l-linux" "i686-linux" "aarch64-darwin" "powerpc64le-linux" "riscv64-linux" "x86_64-freebsd" ];
  systemToAttrs = given: if builtins.isAttrs given then given else { system = given; };
  examples = {
    gnu64 = { config = "x86_64-unknown-linux-gnu"; };
    gnu32 = { config = "i686-unknown-linux-gnu"; };
    aarch64-multiplatform = { config = "aarch64-unknown-linux-gnu"; };
    raspberryPi = { config = "armv6l-unknown-linux-gnueabihf"; };
    riscv64 = { config = "riscv64-unknown-linux-gnu"; };
  };
  inspect = {
    patterns = { };
    predicates = { };
  };
  parse.mkSystemFromString = text: (elaborate text).parsed;
}
