package io.lockstep.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecisionStateTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName A = new NodeName("a");
    private static final NodeName B = new NodeName("b");

    @Test
    void nothingIsDecidedBeforeTheFirstEntry() {
        var state = DecisionState.initial();

        assertThat(state.mode()).isEqualTo(Mode.HOLD);
        assertThat(state.modeReason()).isEqualTo(Reason.NO_GENERATION);
        assertThat(state.manager()).isEmpty();
        assertThat(state.reference()).isEmpty();
    }

    @Test
    void followsAStory() throws Exception {
        var state = replay(story());

        assertThat(state.index()).isEqualTo(5);
        assertThat(state.epoch()).isEqualTo(2);
        assertThat(state.mode()).isEqualTo(Mode.RSYNC);
        assertThat(state.modeReason()).isEqualTo(Reason.SHARE_LOST);
        assertThat(state.manager()).contains(B);
        assertThat(state.reference()).contains(generation(2, 3));
        assertThat(state.base()).contains(new GenerationId(1, 2));
    }

    @Test
    void theSameEntriesGiveTheSameStateAtEveryStep() throws Exception {
        var once = DecisionState.initial();
        for (int length = 1; length <= story().size(); length++) {
            once = once.apply(story().get(length - 1));

            assertThat(replay(story().subList(0, length))).isEqualTo(once);
        }
    }

    @Test
    void refusesAGapAndAnEntryThatItHas() throws Exception {
        var state = replay(story().subList(0, 2));

        refuses(state, commit(4, 1, generation(1, 2)), "next index is 3");
        refuses(state, story().get(1), "next index is 3");
        refuses(state, story().get(0), "next index is 3");
    }

    @Test
    void refusesAnOldEpoch() throws Exception {
        var state = replay(story());

        refuses(state, mode(6, 1, Mode.SHARED, A, Optional.empty()), "epoch 2");
        refuses(state, commit(6, 1, generation(1, 4)), "epoch is 2");
    }

    @Test
    void refusesACommitOfAnEpochThatNobodyEntered() throws Exception {
        var state = replay(story());

        refuses(state, commit(6, 3, generation(3, 4)), "epoch is 2");
        refuses(DecisionState.initial(), commit(1, 1, generation(1, 1)), "epoch is 0");
    }

    @Test
    void anEpochBelongsToOneManager() throws Exception {
        var state = replay(story());

        refuses(state, mode(6, 2, Mode.SHARED, A, Optional.empty()), "belongs to b");
        assertThat(state.apply(mode(6, 2, Mode.SHARED, B, Optional.empty())).mode())
                .isEqualTo(Mode.SHARED);
        assertThat(state.apply(mode(6, 3, Mode.SHARED, A, Optional.empty())).manager())
                .contains(A);
    }

    @Test
    void aGenerationFollowsTheReference() throws Exception {
        var state = replay(story());
        var wrongParent =
                new Generation(new GenerationId(2, 4), root(4), Optional.of(root(2)), Digest.of(new byte[] {4}));

        refuses(state, commit(6, 2, wrongParent), "does not follow");
        refuses(state, commit(6, 2, generation(2, 3)), "does not follow");
        refuses(state, commit(6, 2, generation(2, 5)), "does not follow");
        refuses(state, commit(6, 2, generation(2, 1)), "does not follow");
        assertThat(state.apply(commit(6, 2, generation(2, 4))).reference()).contains(generation(2, 4));
    }

    @Test
    void aShareIsRegisteredByItsEpochsManagerAndStaysUntilAnotherIs() throws Exception {
        var state = replay(story());
        assertThat(state.shares()).isEmpty();

        refuses(state, share(6, 1, "server", "old"), "epoch is 2");
        refuses(DecisionState.initial(), share(1, 1, "server", "first"), "epoch is 0");
        var first = state.apply(share(6, 2, "server", "first")).apply(share(7, 2, "tenants", "other"));
        assertThat(first.shares()).containsOnly(Map.entry("server", "first"), Map.entry("tenants", "other"));
        var later = first.apply(mode(8, 3, Mode.SHARED, A, Optional.empty()))
                .apply(commit(9, 3, generation(3, 4)))
                .apply(share(10, 3, "server", "second"));
        assertThat(later.shares()).containsOnly(Map.entry("server", "second"), Map.entry("tenants", "other"));
        assertThat(later.reference()).contains(generation(3, 4));
    }

    private static LogEntry share(long index, long epoch, String tree, String shareId) {
        return new LogEntry.ShareRegistered(index, epoch, AT, tree, shareId);
    }

    @Test
    void theFirstGenerationHasSeqOne() throws Exception {
        var state = replay(story().subList(0, 1));

        refuses(state, commit(2, 1, generation(1, 2)), "does not follow");
    }

    @Test
    void epochSeqAndIndexNeverGoDownWhateverIsOffered() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var state = DecisionState.initial();
            for (int step = 0; step < 60; step++) {
                var entry = randomEntry(random, state);
                DecisionState next;
                try {
                    next = state.apply(entry);
                } catch (RefusedEntryException e) {
                    continue;
                }
                assertThat(next.index()).isEqualTo(state.index() + 1);
                assertThat(next.epoch()).isGreaterThanOrEqualTo(state.epoch());
                if (next.epoch() == state.epoch()) {
                    assertThat(next.manager()).as("seed %d", seed).isEqualTo(state.manager());
                }
                var before = state.reference();
                var after = next.reference();
                if (!after.equals(before)) {
                    assertThat(after.orElseThrow().parent()).isEqualTo(before.map(Generation::root));
                    assertThat(before.isEmpty()
                                    || after.orElseThrow()
                                                    .id()
                                                    .compareTo(before.get().id())
                                            > 0)
                            .isTrue();
                }
                state = next;
            }
        }
    }

    @Test
    void anEntryHasItsPlaceAndItsEpoch() {
        assertThatIllegalArgumentException().isThrownBy(() -> commit(1, 2, generation(1, 1)));
        assertThatIllegalArgumentException().isThrownBy(() -> mode(0, 1, Mode.HOLD, A, Optional.empty()));
        assertThatIllegalArgumentException().isThrownBy(() -> mode(1, 0, Mode.HOLD, A, Optional.empty()));
        assertThatIllegalArgumentException().isThrownBy(() -> commit(0, 1, generation(1, 1)));
    }

    private static LogEntry randomEntry(Random random, DecisionState state) {
        long index = state.index() + (random.nextInt(5) == 0 ? 2 : 1);
        long epoch = Math.max(1, state.epoch() + random.nextInt(3) - 1);
        if (random.nextInt(8) == 0) {
            return share(index, epoch, "server", random.nextBoolean() ? "a" : "b");
        }
        if (random.nextInt(3) == 0) {
            var mode = random.nextBoolean() ? Mode.SHARED : Mode.RSYNC;
            return mode(index, epoch, mode, random.nextBoolean() ? A : B, Optional.empty());
        }
        long seq = Math.max(1, state.reference().map(last -> last.id().seq()).orElse(0L) + random.nextInt(3));
        return commit(index, epoch, generation(epoch, seq));
    }

    private static List<LogEntry> story() {
        var entries = new ArrayList<LogEntry>();
        entries.add(mode(1, 1, Mode.SHARED, A, Optional.empty()));
        entries.add(commit(2, 1, generation(1, 1)));
        entries.add(commit(3, 1, generation(1, 2)));
        entries.add(new LogEntry.ModeChange(
                4, 2, AT, Mode.RSYNC, Reason.SHARE_LOST, B, Optional.of(new GenerationId(1, 2))));
        entries.add(commit(5, 2, generation(2, 3)));
        return entries;
    }

    private static DecisionState replay(List<LogEntry> entries) throws RefusedEntryException {
        var state = DecisionState.initial();
        for (var entry : entries) {
            state = state.apply(entry);
        }
        return state;
    }

    private static void refuses(DecisionState state, LogEntry entry, String why) {
        assertThatExceptionOfType(RefusedEntryException.class)
                .isThrownBy(() -> state.apply(entry))
                .withMessageContaining(why)
                .withMessageContaining("entry " + entry.index());
    }

    private static LogEntry mode(long index, long epoch, Mode mode, NodeName manager, Optional<GenerationId> base) {
        return new LogEntry.ModeChange(index, epoch, AT, mode, Reason.OPERATOR, manager, base);
    }

    private static LogEntry commit(long index, long epoch, Generation generation) {
        return new LogEntry.Commit(index, epoch, AT, generation);
    }

    /** The generation of a story in which the root only depends on the seq. */
    private static Generation generation(long epoch, long seq) {
        var parent = seq == 1 ? Optional.<Digest>empty() : Optional.of(root(seq - 1));
        return new Generation(new GenerationId(epoch, seq), root(seq), parent, Digest.of(new byte[] {(byte) seq}));
    }

    private static Digest root(long seq) {
        return Digest.of(new byte[] {(byte) seq, 1});
    }
}
