package io.lockstep.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestWalk;
import io.lockstep.wire.LogRecord.GenerationRecord;
import io.lockstep.wire.LogRecord.ModeRecord;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Digest ROOT = Digest.of(new byte[1]);
    private static final NodeName MANAGER = new NodeName("gw1");
    private static final ModeRecord MODE = new ModeRecord(Mode.SHARED, Reason.OPERATOR, MANAGER, null);
    private static final LogRecord.ShareRecord SHARE = new LogRecord.ShareRecord("server", "4711");
    private static final GenerationRecord GENERATION = new GenerationRecord("1.1", ROOT, null, ROOT);

    @Test
    void everyEntrySurvivesTheRoundTrip() {
        var entries = List.of(
                new LogEntry.ShareRegistered(3, 1, AT, "server", "4711"),
                new LogEntry.ModeChange(1, 1, AT, Mode.SHARED, Reason.OPERATOR, MANAGER, Optional.empty()),
                new LogEntry.ModeChange(
                        9, 3, AT, Mode.RSYNC, Reason.SHARE_LOST, MANAGER, Optional.of(new GenerationId(2, 7))),
                new LogEntry.Commit(2, 1, AT, new Generation(new GenerationId(1, 1), ROOT, Optional.empty(), ROOT)),
                new LogEntry.Commit(
                        5,
                        2,
                        AT,
                        new Generation(new GenerationId(2, 7), ROOT, Optional.of(Digest.of(new byte[2])), ROOT)));

        for (var entry : entries) {
            assertThat(LogRecord.of(entry).toEntry()).isEqualTo(entry);
        }
    }

    @Test
    void aRecordHoldsExactlyOneThing() {
        refuses(new LogRecord(1, 1, AT, null, null, null));
        refuses(new LogRecord(1, 1, AT, MODE, GENERATION, null));
        refuses(new LogRecord(1, 1, AT, MODE, null, SHARE));
        refuses(new LogRecord(1, 1, AT, null, GENERATION, SHARE));
        refuses(new LogRecord(1, 1, AT, MODE, GENERATION, SHARE));
    }

    @Test
    void aRecordOutOfRangeIsRefused() {
        refuses(new LogRecord(0, 1, AT, MODE, null, null));
        refuses(new LogRecord(1, 0, AT, MODE, null, null));
        refuses(new LogRecord(-1, 1, AT, null, GENERATION, null));
        refuses(new LogRecord(1, 2, AT, null, GENERATION, null));
        refuses(new LogRecord(1, 1, AT, null, new GenerationRecord("1", ROOT, null, ROOT), null));
        refuses(new LogRecord(1, 1, AT, null, new GenerationRecord("1.2", ROOT, null, ROOT), null));
        refuses(new LogRecord(1, 1, AT, null, new GenerationRecord("1.1", ROOT, ROOT, ROOT), null));
        refuses(new LogRecord(1, 1, AT, new ModeRecord(Mode.SHARED, Reason.OK, MANAGER, "x"), null, null));
        refuses(new LogRecord(0, 1, AT, null, null, SHARE));
        refuses(new LogRecord(1, 1, AT, null, null, new LogRecord.ShareRecord("", "4711")));
        refuses(new LogRecord(1, 1, AT, null, null, new LogRecord.ShareRecord("server", "")));
        refuses(new LogRecord(1, 1, AT, null, null, new LogRecord.ShareRecord("server", "x".repeat(129))));
    }

    /** JSON without a field gives a record with null in it, whatever the types say. */
    @Test
    @NullUnmarked
    @SuppressWarnings("NullAway")
    void aRecordWithAFieldMissingIsRefused() {
        refuses(new LogRecord(1, 1, null, MODE, null, null));
        refuses(new LogRecord(1, 1, AT, new ModeRecord(null, Reason.OK, MANAGER, null), null, null));
        refuses(new LogRecord(1, 1, AT, new ModeRecord(Mode.SHARED, null, MANAGER, null), null, null));
        refuses(new LogRecord(1, 1, AT, new ModeRecord(Mode.SHARED, Reason.OK, null, null), null, null));
        refuses(new LogRecord(1, 1, AT, null, new GenerationRecord(null, ROOT, null, ROOT), null));
        refuses(new LogRecord(1, 1, AT, null, new GenerationRecord("1.1", null, null, ROOT), null));
        refuses(new LogRecord(1, 1, AT, null, new GenerationRecord("1.1", ROOT, null, null), null));
        refuses(new LogRecord(1, 1, null, null, GENERATION, null));
        refuses(new LogRecord(1, 1, AT, null, null, new LogRecord.ShareRecord(null, "4711")));
        refuses(new LogRecord(1, 1, AT, null, null, new LogRecord.ShareRecord("server", null)));
    }

    @Test
    void noMessageIsLongerThanItsLimit() {
        var record = new LogRecord(1, 1, AT, MODE, null, null);
        var path = EntryPath.of("a");
        var answer = new ManifestWalk.Answer("", List.of(), List.of());

        assertThat(new LogPage(Collections.nCopies(LogPage.MAX_RECORDS, record)).records())
                .hasSize(500);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LogPage(Collections.nCopies(LogPage.MAX_RECORDS + 1, record)));
        assertThat(new PullRequest(ROOT, "server", Collections.nCopies(PullRequest.MAX_PATHS, path)).paths())
                .hasSize(20_000);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new PullRequest(ROOT, "server", Collections.nCopies(PullRequest.MAX_PATHS + 1, path)));
        assertThat(new TrieQuestions(ROOT, Collections.nCopies(256, "0")).prefixes())
                .hasSize(ManifestWalk.MAX_QUESTIONS);
        assertThatIllegalArgumentException().isThrownBy(() -> new TrieQuestions(ROOT, Collections.nCopies(257, "0")));
        assertThat(new TrieAnswers(Collections.nCopies(256, answer)).answers()).hasSize(256);
        assertThatIllegalArgumentException().isThrownBy(() -> new TrieAnswers(Collections.nCopies(257, answer)));
    }

    @Test
    void anExchangeHasAtMost200Hints() {
        var member = member(MountEvidence.State.PROVEN);
        var path = EntryPath.of("server/a");

        assertThat(new Exchange(member, Collections.nCopies(Exchange.MAX_HINTS, path)).hints())
                .hasSize(200);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Exchange(member, Collections.nCopies(Exchange.MAX_HINTS + 1, path)));
        assertThat(member.provesShare()).isTrue();
        assertThat(member(MountEvidence.State.UNKNOWN).provesShare()).isFalse();
    }

    private static MemberView member(MountEvidence.State mount) {
        return new MemberView(
                MANAGER,
                Role.MANAGER,
                Mode.SHARED,
                1,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.of(ROOT),
                Optional.of(ROOT),
                Optional.empty(),
                Serving.MOUNT,
                mount,
                Reason.OK,
                Optional.of(new AnnouncedBeacon(7, 3)),
                Reason.OK,
                DriftSummary.NONE,
                0,
                0,
                0,
                "test");
    }

    private static void refuses(LogRecord record) {
        assertThatIllegalArgumentException().isThrownBy(record::toEntry);
    }
}
