package expr

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"

	"weir/stream/value"
)

const hexDigits = "0123456789abcdef"

func hexText(b []byte) string {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, hexDigits[c>>4], hexDigits[c&15])
	}
	return string(out)
}

// digestFunctions are the hashes; md5 gives hexadecimal text, the others bytea.
func digestFunctions() []*function {
	var fs []*function
	for _, k := range []shape{value.Text, value.Bytea} {
		fs = append(fs, define("md5", value.Text,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				sum := md5.Sum([]byte(a[0].S))
				return value.NewText(hexText(sum[:])), nil
			}, k).safe())
	}
	digest := func(name string, sum func(b []byte) []byte) {
		fs = append(fs, define(name, value.Bytea,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return value.NewBytea(sum([]byte(a[0].S))), nil
			}, value.Bytea).safe())
	}
	digest("sha224", func(b []byte) []byte { s := sha256.Sum224(b); return s[:] })
	digest("sha256", func(b []byte) []byte { s := sha256.Sum256(b); return s[:] })
	digest("sha384", func(b []byte) []byte { s := sha512.Sum384(b); return s[:] })
	digest("sha512", func(b []byte) []byte { s := sha512.Sum512(b); return s[:] })
	return fs
}
