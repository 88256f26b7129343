package schema

// SomePlans is for the tests outside the package.
var SomePlans = somePlans
