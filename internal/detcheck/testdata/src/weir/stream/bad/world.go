package bad

import (
	"crypto/ed25519"
	crand "crypto/rand"
	"fmt"
	"hash/maphash"
	"math/rand"
	randv2 "math/rand/v2"
	"os"
	"runtime"
	"time"

	"google.golang.org/protobuf/proto"
)

func world(x *int, msg proto.Message, opt proto.MarshalOptions) {
	now := time.Now // want `time.Now in replicated code: use block time`
	_ = now()
	_ = time.Since(time.Time{})           // want `time.Since in replicated code`
	_ = time.NewTimer(0)                  // want `time.NewTimer in replicated code`
	_ = os.Getenv("HOME")                 // want `os.Getenv in replicated code`
	_ = runtime.NumCPU()                  // want `runtime.NumCPU in replicated code`
	_ = rand.Int()                        // want `math/rand.Int in replicated code`
	_ = randv2.Int()                      // want `math/rand/v2.Int in replicated code`
	_, _ = crand.Read(nil)                // want `crypto/rand.Read in replicated code`
	_ = maphash.MakeSeed()                // want `hash/maphash.MakeSeed in replicated code`
	_ = ed25519.Verify(nil, nil, nil)     // want `crypto/ed25519.Verify in replicated code: verify with app/tx`
	_, _ = proto.Marshal(msg)             // want `proto.Marshal in replicated code: use the canonical codec`
	_, _ = opt.Marshal(msg)               // want `MarshalOptions\).Marshal in replicated code`
	_ = fmt.Sprintf("%d at %-[1]p", 1, x) // want `%p in a format in replicated code`
	_ = fmt.Errorf("%#p", x)              // want `%p in a format in replicated code`
}
