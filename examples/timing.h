// Times softmax in XNNPACK graphs: this library's beside XNNPACK's own.

#pragma once

// Prints a table for 10 to 1,048,576 classes on one thread. Takes about a second.
// Ends the program with a sentence if something fails.
void print_softmax_times(void);
