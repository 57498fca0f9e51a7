// SPDX-License-Identifier: Apache-2.0
//
// replay_window with a bitmap of a single word.
#define WINDOW_MAX 64
#include "test_replay_window.cc"
