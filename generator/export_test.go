package generator

import "github.com/phgen/phgen/schema"

// CompileCall reports whether src, a file that imports the package tracking of p,
// compiles against the code of p.
func CompileCall(p *schema.Plan, src string) (ok bool, err error) {
	files, err := Generate(p)
	if err != nil {
		return false, err
	}
	files = append(files, File{Path: "caller/caller.go", Data: []byte(src)})
	c, err := compile(p, files)
	if err != nil {
		return false, err
	}
	if _, err := c.Import(p.Go.ImportPath + "/" + trackingPackage); err != nil {
		return false, err
	}
	_, err = c.Import(p.Go.ImportPath + "/caller")
	return err == nil, nil
}
