package io.lockstep.agent.cli;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.PlanChanges;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.LogRecord;
import io.lockstep.wire.RestoreReport;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.StatusReport.Member;
import io.lockstep.wire.VerifyReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reports as agents give them. */
final class Samples {
    static final NodeName GW1 = new NodeName("gw1");
    static final NodeName GW2 = new NodeName("gw2");
    static final NodeName GW3 = new NodeName("gw3");
    static final Digest ROOT = digest("root");
    static final Digest OTHER = digest("other");
    static final GenerationId GENERATION = new GenerationId(3, 42);
    static final Instant AT = Instant.parse("2026-03-01T03:12:45.678Z");

    private static final String LOST =
            "tree server: the beacons of gw1 (at 211, announced 390) are not seen here; this node sees 0 of 1";

    /** Names as trees have them: wide characters, a line break, an escape sequence, a byte that is no UTF-8. */
    static final List<EntryPath> HARD_NAMES = List.of(
            EntryPath.of("server/api/日本語.xml"),
            EntryPath.of("server/api/line\nbreak.xml"),
            EntryPath.of("server/api/\u001b[2Jclear.xml"),
            EntryPath.ofBytes("server/api/caf\u00e9.xml".getBytes(StandardCharsets.ISO_8859_1)));

    private Samples() {}

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    static Member serving(NodeName name, Role role, double heardSecondsAgo) {
        return new Member(
                name,
                role,
                "serving",
                Optional.of(Mode.SHARED),
                Optional.of(GENERATION),
                Optional.of(ROOT),
                Optional.of(Serving.MOUNT),
                Optional.of(MountEvidence.State.PROVEN),
                0,
                DriftSummary.NONE,
                0,
                3.25,
                heardSecondsAgo,
                Reason.OK.remedy(),
                Optional.of("0.1.0"),
                Optional.of(Reason.OK),
                true,
                0);
    }

    static StatusReport good() {
        return good(Optional.of(GENERATION));
    }

    /** Asked when the reference is not the generation of the other samples. */
    static StatusReport withoutGeneration() {
        return good(Optional.empty());
    }

    private static StatusReport good(Optional<GenerationId> generation) {
        return new StatusReport(
                GW1,
                Mode.SHARED,
                Reason.SHARE_EQUAL,
                Reason.SHARE_EQUAL.remedy(),
                GW1,
                3,
                generation,
                Optional.of(ROOT),
                List.of(),
                List.of(serving(GW1, Role.MANAGER, 0), serving(GW2, Role.WORKER, 0.52), serving(GW3, Role.WORKER, 1.2)),
                "",
                mount(MountEvidence.State.PROVEN, Reason.OK, ""),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static Member drifting(double evidenceAgeSeconds) {
        return new Member(
                GW2,
                Role.WORKER,
                "drift (kept)",
                Optional.of(Mode.HOLD),
                Optional.of(new GenerationId(3, 41)),
                Optional.of(OTHER),
                Optional.of(Serving.REPLICA),
                Optional.of(MountEvidence.State.LOST),
                754.2,
                new DriftSummary(2, 1, 30, 1),
                4,
                evidenceAgeSeconds,
                0,
                Reason.DRIFT.remedy(),
                Optional.of("0.1.0"),
                Optional.of(Reason.WRONG_EXPORT),
                true,
                0);
    }

    static Member unreachable() {
        return new Member(
                GW3,
                Role.WORKER,
                "unreachable",
                Optional.empty(),
                Optional.of(GENERATION),
                Optional.of(ROOT),
                Optional.of(Serving.MOUNT),
                Optional.empty(),
                0,
                DriftSummary.NONE,
                0,
                -1,
                3 * 3600,
                "gw3 at https://10.0.0.3:9881: no connection (Connection refused); check that its agent runs"
                        + ": start its agent, or look at the network",
                Optional.of("0.1.0"),
                Optional.empty(),
                false,
                0);
    }

    /** Asked of gw2 before it has looked; gw3 sees nothing of gw2's beacons, and can't write its share. */
    static StatusReport starting() {
        var waits = "the members have not been asked yet";
        return new StatusReport(
                GW2,
                Mode.SHARED,
                Reason.SHARE_EQUAL,
                Reason.SHARE_EQUAL.remedy(),
                GW1,
                3,
                Optional.of(GENERATION),
                Optional.of(ROOT),
                List.of(),
                List.of(serving(GW1, Role.MANAGER, 0.5), notLooked(), readOnly()),
                waits,
                new StatusReport.Mount(
                        MountEvidence.State.UNKNOWN, Reason.STARTING, Reason.STARTING.remedy(), waits, false, 0.4, 0.4),
                List.of(),
                List.of(),
                List.of(),
                Optional.of("the manager's log ends at 7, this node's at 9"),
                Optional.of(Reason.LOG_DIVERGED),
                Optional.empty());
    }

    private static Member notLooked() {
        return new Member(
                GW2,
                Role.WORKER,
                "starting",
                Optional.of(Mode.SHARED),
                Optional.of(GENERATION),
                Optional.empty(),
                Optional.of(Serving.MOUNT),
                Optional.of(MountEvidence.State.UNKNOWN),
                0,
                DriftSummary.NONE,
                0,
                -1,
                0,
                Reason.STARTING.remedy(),
                Optional.of("0.1.0"),
                Optional.of(Reason.STARTING),
                false,
                0);
    }

    private static Member readOnly() {
        return new Member(
                GW3,
                Role.WORKER,
                "serving",
                Optional.of(Mode.SHARED),
                Optional.of(GENERATION),
                Optional.of(ROOT),
                Optional.of(Serving.MOUNT),
                Optional.of(MountEvidence.State.PROVEN),
                0,
                DriftSummary.NONE,
                0,
                3.25,
                1.2,
                Reason.OK.remedy(),
                Optional.of("0.1.0"),
                Optional.of(Reason.READ_ONLY),
                true,
                0);
    }

    /** Deletes more than the guard allows. */
    static RestoreReport restore() {
        var counts = new PlanChanges.Counts(1, 2, 30, 0, 1402);
        return new RestoreReport(
                RestoreReport.State.PLANNED,
                GENERATION,
                Optional.empty(),
                GENERATION,
                OTHER,
                counts,
                List.of(EntryPath.of("server/api/back.xml")),
                HARD_NAMES.subList(0, 2),
                IntStream.range(0, 30)
                        .mapToObj(i -> EntryPath.of("server/api/z" + i + ".xml"))
                        .toList(),
                List.of(),
                Optional.of("it deletes 30 of 1402 files of tree server"),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    static Hold hold() {
        var paths = new ArrayList<>(HARD_NAMES);
        IntStream.range(0, 20).forEach(i -> paths.add(EntryPath.of("server/api/z" + i + ".xml")));
        return new Hold(
                OTHER.abbreviated(),
                Reason.DELETION_GUARD,
                OTHER,
                "the share lacks 1204 of 1402 entries of the reference",
                paths,
                1204,
                AT);
    }

    static ConflictReport noConflicts() {
        return new ConflictReport(new NodeName("gw1"), List.of(), 0, List.of());
    }

    static ConflictReport conflicts() {
        var conflict = new ConflictReport.Conflict(
                "0123456789ab",
                ConflictReport.Kind.MERGE,
                EntryPath.of("server/api/a.xml"),
                EntryType.FILE,
                Optional.of(OTHER),
                1536,
                0640,
                5_000_000_000L,
                AT,
                new GenerationId(3, 42),
                "/var/lib/lockstep/conflicts/3.42/0.kept");
        return new ConflictReport(new NodeName("gw1"), List.of(conflict), 1, List.of());
    }

    /** Asked of gw2, which drifts; gw3 is away, and a plan waits. */
    static StatusReport bad() {
        return bad(3.25);
    }

    /** The same, asked when gw2 has not looked for 13 minutes. */
    static StatusReport stale() {
        return bad(754);
    }

    private static StatusReport bad(double evidenceAgeSeconds) {
        var drift = new ArrayList<>(HARD_NAMES);
        IntStream.range(0, 30).forEach(i -> drift.add(EntryPath.of("server/api/z" + i + ".xml")));
        return new StatusReport(
                GW2,
                Mode.HOLD,
                Reason.DELETION_GUARD,
                Reason.DELETION_GUARD.remedy(),
                GW1,
                3,
                Optional.of(GENERATION),
                Optional.of(ROOT),
                List.of(hold()),
                List.of(serving(GW1, Role.MANAGER, 0.5), drifting(evidenceAgeSeconds), unreachable()),
                LOST,
                mount(MountEvidence.State.LOST, Reason.WRONG_EXPORT, LOST),
                drift,
                List.of(EntryPath.of("server/api/half.xml")),
                List.of(EntryPath.of("server/api/old.back"), EntryPath.of("server/api/older.back")),
                Optional.of("/var/lib/lockstep/replica/server: no space left; make room, at least 12 MiB"),
                Optional.empty(),
                Optional.empty());
    }

    private static StatusReport.Mount mount(MountEvidence.State state, Reason reason, String detail) {
        return new StatusReport.Mount(
                state, reason, reason.remedy(), detail, state == MountEvidence.State.PROVEN, 0.31, 754.2);
    }

    static DiffReport equal() {
        return diff(DriftSummary.NONE, ROOT, List.of());
    }

    static DiffReport different() {
        return diff(
                new DriftSummary(1, 1, 1, 1),
                OTHER,
                List.of(
                        new DiffReport.Line("-", HARD_NAMES.get(0), "the reference has it"),
                        new DiffReport.Line("+", HARD_NAMES.get(1), "the reference has it not"),
                        new DiffReport.Line("*", HARD_NAMES.get(2), "content, size 812 is 0, mtime"),
                        new DiffReport.Line("?", HARD_NAMES.get(3), "can't be read")));
    }

    static DiffReport diff(DriftSummary counts, Digest root, List<DiffReport.Line> lines) {
        return new DiffReport(GW1, "MOUNT", GENERATION, ROOT, 1402, root, counts, lines);
    }

    static VerifyReport verify(DiffReport result) {
        return new VerifyReport(1, 1402, 12_900_000, 1402, 12_900_000, 3.25, Optional.of(result), Optional.empty());
    }

    static VerifyReport running() {
        return new VerifyReport(1, 700, 6_400_000, 1402, 12_900_000, 1.5, Optional.empty(), Optional.empty());
    }

    static LogPage log() {
        return new LogPage(List.of(
                mode(1, 1, Mode.SHARED, Reason.SHARE_EQUAL, null),
                new LogRecord(
                        2,
                        1,
                        AT.plusSeconds(120),
                        null,
                        new LogRecord.GenerationRecord("1.1", OTHER, null, OTHER),
                        null),
                new LogRecord(
                        3,
                        1,
                        AT.plusSeconds(180),
                        null,
                        new LogRecord.GenerationRecord("1.2", ROOT, OTHER, ROOT),
                        null),
                mode(4, 2, Mode.RSYNC, Reason.SHARE_LOST, "1.2"),
                mode(5, 3, Mode.SHARED, Reason.SHARE_RETURNED, "1.2")));
    }

    /** What the manager writes when it first sees the share. */
    static LogRecord registered() {
        return new LogRecord(
                6,
                3,
                AT.plusSeconds(400),
                null,
                null,
                new LogRecord.ShareRecord("server", "0f8fad5b-d9cb-469f-a165-70867728950e"));
    }

    private static LogRecord mode(long index, long epoch, Mode mode, Reason reason, @Nullable String base) {
        return new LogRecord(
                index,
                epoch,
                AT.plusSeconds(index * 60),
                new LogRecord.ModeRecord(mode, reason, GW1, base),
                null,
                null);
    }
}
