// Package abcisim drives the application without consensus: a seeded random walk over the legal
// sequences of ABCI calls, with several nodes side by side.
//
//	seed -> transactions (good, bad, resent, gapped, DDL, DML)
//	          |
//	        CheckTx on some nodes -> proposals by any node, judged by all
//	          |
//	        FinalizeBlock, Commit on all -> app hashes equal? results equal?
//	          |                             views = oracle over the base relations?
//	        crash one, lose unsynced writes, restart, re-execute -> same hashes?
//	          |
//	        at the end: the same transactions cut into other blocks -> same rows?
//
// Nothing is a stand-in but the consensus engine itself: the application, its ledger and its
// store (in memory, with the losses of a power cut) are the real ones. A failure names its seed
// and how to run it again.
package abcisim
