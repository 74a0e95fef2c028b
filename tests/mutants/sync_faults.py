"""Faults of the sync core, and the histories that must notice each."""

from mutants.faults import Fault

FEDERATION = "accord/federation"
SCENARIOS = "tests/coalition/test_scenarios.py"
KILLS = "tests/coalition/test_kills.py"
HISTORIES = "tests/coalition/test_histories.py"
UNIT = "tests/unit/federation"
LEAKS = "tests/coalition/test_wire_leaks.py"


def fault(title: str, file: str, was: str, instead: str, *tests: str) -> Fault:
    """A test without a slash is one of the scenarios."""
    found = tuple(test if "/" in test else f"{SCENARIOS}::test_{test}" for test in tests)
    return Fault(title=title, file=f"{FEDERATION}/{file}.py", was=was, instead=instead, tests=found)


SYNC_FAULTS = (
    # Versions and paths
    fault("a state is taken whatever its version", "coalition",
          "is_fresh = self.versions.take(key, version, ms)",
          "is_fresh = self.versions.take(key, version, ms) or True",
          "in_a_mesh_of_five_each_track_comes_over_one_neighbour", HISTORIES),
    fault("a record is taken whatever its version", "inflow",
          "if not self.coalition.versions.take(key, version, now.ms):", "if version.ms < 0:",
          "words_come_once_over_two_ways"),
    fault("what is recalled comes back over another way", "version",
          "if self._is_buried(key, version, now_ms):", "if now_ms < 0:",
          "what_was_recalled_does_not_come_back_over_another_way"),
    fault("the path of what comes is not looked at", "inflow",
          "if self.own in path or len(set(path)) < len(path):", "if len(set(path)) < len(path):",
          "what_a_partner_sends_in_a_circle_is_not_taken"),
    fault("the path is not looked at before sending", "sync",
          "        if self.pair.partner in path:\n            self._out.tracks.superseded",
          "        if not path and version.ms < 0:\n            self._out.tracks.superseded",
          "a_ring_ends_and_a_node_does_not_take_its_own_back",
          "nothing_goes_back_to_whom_it_came_over"),
    fault("there is no hop limit", "sync",
          "        if len(path) >= self.settings.hop_limit:\n            self.counts",
          "        if len(path) >= 99:\n            self.counts",
          "a_report_goes_no_further_than_the_hop_limit"),
    # What may leave
    fault("what was sent once is not decided again", "record_frames",
          "answer = self._asked(entry, entry.candidate, now)",
          "answer = entry.leaving or self._asked(entry, entry.candidate, now)",
          "what_was_not_acknowledged_is_decided_again_before_it_is_sent_again"),
    fault("a state that was sent once is not decided again", "state_frames",
          "        answer = self._asked(track, now.at)\n",
          "        answer = track.last or self._asked(track, now.at)\n",
          "what_was_not_acknowledged_is_decided_again_before_it_is_sent_again"),
    fault("a suspension stops nothing", "door",
          "        if grant.agreement in self.suspended:\n", "        if not grant.agreement:\n",
          f"{UNIT}/test_door.py"),
    fault("another serial of an agreement is taken for the same", "door",
          "return frozenset(self.gives) & frozenset(takes), frozenset(",
          "return frozenset(self.gives), frozenset(",
          "nothing_flows_by_an_agreement_that_the_partner_holds_in_another_serial"),
    fault("a partner may release by any agreement", "inflow",
          "if not self.door.expects(carried.grant):", "if not carried.grant.agreement:",
          "a_release_by_an_agreement_that_is_not_in_force_breaks_the_link"),
    fault("a removal tells of what was never released", "record_frames",
          "if not self._given.of_own(target):", "if not target.uid:",
          "removing_what_was_never_released_says_nothing"),
    # Cuts
    fault("what was on its way when the link was cut is lost", "outflow",
          "self.tracks.lost(now.seconds)", "self.tracks.reconsider(now.seconds)",
          "a_state_that_was_on_its_way_when_the_link_was_cut_is_sent_again"),
    fault("each entry is numbered though it does not leave", "log",
          "            self._queue.popleft()\n            self.last += 1\n",
          "            self._queue.popleft()\n            self.last += 2\n",
          "every_word_arrives_once_and_in_order_over_many_cuts"),
    fault("what was lost is not looked for", "sync",
          "        if is_in_doubt:\n", "        if not is_in_doubt and theirs.epoch < 0:\n",
          "a_giver_that_lost_its_state_finds_out_what_the_partner_has"),
    # Kills
    fault("what came is acknowledged before it is on the disk", "settling",
          "            came.at = self._disk.given", "            came.at = 0", KILLS),
    fault("what came is kept as had before it is on the disk", "outlasting",
          "inflow.settling.before(inflow.taken).items()", "inflow.taken.items()", KILLS),
    fault("what happened since all was kept is forgotten", "changes",
          "        for row in rows:\n            match",
          "        for row in ():\n            match", KILLS),
    fault("an epoch may go back", "sync",
          "if theirs.epoch < self._in.epoch:", "if theirs.epoch < 0:",
          "a_partner_whose_epoch_goes_back_is_refused"),
    fault("clocks may differ", "sync",
          "if apart > self.settings.clock_tolerance:", "if apart < 0:",
          "a_clock_an_hour_off_makes_no_link"),
    # What is passed on together
    fault("each record is passed on with an evidence of its own", "record_drafts",
          "return self.proof.statement == proof.statement and place > self.places[-1]",
          "return self.proof.statement != proof.statement",
          f"{UNIT}/test_record_drafts.py"),
    fault("a group is passed on in two where there is little room", "record_drafts",
          "if may_wait and is_split and self.waits and self._room.now < self._room.ever:",
          "if may_wait and not count:", f"{UNIT}/test_record_drafts.py"),
    fault("a frame is longer than the partner can pass on", "record_drafts",
          "is_too_much = passed_on > self._room.ever or spelled_out > most",
          "is_too_much = spelled_out > most",
          f"{UNIT}/test_record_drafts.py"),
    # Lanes, window, budgets
    fault("a call for help waits with the rest", "sync",
          "            lane = Lane.EMERGENCY\n        self._out.logs",
          "            lane = Lane.DURABLE\n        self._out.logs",
          "an_emergency_in_a_backlog_goes_before_all_that_is_not_on_its_way"),
    fault("there is no window", "outflow",
          "free = min(most, window.room)", "free = most",
          "an_emergency_in_a_backlog_goes_before_all_that_is_not_on_its_way"),
    fault("there is no budget", "outflow",
          "free, alone = min(free, budget), min(alone, budget)", "alone = min(alone, budget)",
          "no_more_is_sent_than_the_budget_of_a_day"),
    fault("chat goes before tracks for ever", "window",
          "self._served[lane] = begin + size / self._weights[lane]", "self._served[lane] = 0.0",
          "chat_without_end_does_not_starve_tracks"),
    # Meshes
    fault("nobody is asked to send no more", "coalition",
          "self._pruned.setdefault(partner, set()).add(origin)", "pass",
          "in_a_mesh_of_five_each_track_comes_over_one_neighbour"),
    fault("a neighbour is asked to send nothing though it alone has something", "coalition",
          "if is_fresh and not self._gives(feeder, key):", "if is_fresh and not feeder:",
          "a_pruned_neighbour_still_gives_what_the_feeder_does_not"),
    fault("nobody takes the place of a neighbour that fell silent", "coalition",
          "            for other in list(self._pruned):\n                self._unprune",
          "            for other in list[str]():\n                self._unprune",
          "when_the_neighbour_that_feeds_falls_silent_another_takes_its_place"),
    # What the bytes tell besides what they say
    fault("what stays takes a number of the log", "log",
          "        self._queue.remove(entry)\n        self.size -= entry.size\n\n    def arrived",
          "        self._queue.remove(entry)\n        self.last += 1\n\n    def arrived", LEAKS),
    fault("an alarm that stays moves its caller to the emergencies", "sync",
          "            lane = Lane.EMERGENCY\n        self._out.logs",
          "            lane = Lane.EMERGENCY\n            self._out.distress.released(report)\n"
          "        self._out.logs", LEAKS),
    fault("the true name stands in a header", "making",
          "header = to_header(report, leave, epoch=version.epoch)",
          "header = to_header(candidate.report, leave, epoch=version.epoch)", LEAKS),
    fault("a version is not rounded", "version",
          "if form.cadence is None or Kept.TIME in form.keep:\n        return version\n    step",
          "if form.cadence or Kept.TIME in form.keep:\n        return version\n    step", LEAKS),
    fault("after an exact form a version tells the time", "version",
          "if (after.ms - FIRST) % step >= MOST_IN_ONE_CADENCE:", "if after.ms < 0:",
          f"{UNIT}/test_version.py"),
    fault("a record is made of the report as it was", "making",
          "return to_peer_report(report, leave,", "return to_peer_report(candidate.report, leave,",
          LEAKS),
    fault("headers go in the order in which reports came", "state_frames",
          "        fresh.sort(key=lambda each: each[1].key)\n", "", LEAKS),
)  # fmt: skip
