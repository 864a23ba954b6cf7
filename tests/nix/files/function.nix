{ a, b ? a }: { inherit a b; here = toString ./.; }
