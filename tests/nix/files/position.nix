{
  here = __curPos;
  "quoted name" = 1;
    indented.deep = 2;
}
