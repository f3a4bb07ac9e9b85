package bad

func flow(ch chan int) { // want `a channel in replicated code`
	go flow(nil)   // want `a goroutine in replicated code`
	ch <- 1        // want `a send to a channel`
	<-ch           // want `a receive from a channel`
	close(ch)      // want `close of a channel`
	for range ch { // want `range over a channel`
	}
	select { // want `select in replicated code`
	default:
	}
	_ = make(chan struct{}) // want `a channel in replicated code`
}
