{ from = "default"; up = import ../number.nix; self = toString ./default.nix; }
