package io.lockstep.agent.cluster;

import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.Fault.Kind;
import io.lockstep.agent.faulty.Operation;
import io.lockstep.cluster.Reason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One fault of one operation at one site, and what the nodes must say of their mounts.
 *
 * @param target which calls it hits
 * @param reason what {@code /mount} says
 */
record FaultCase(Kind kind, Target target, Site site, Reason reason) {
    private static final String TREE = "synapse-configs";
    private static final String AGENTS = ".lockstep";

    /** Where. */
    enum Site {
        WORKER,
        MANAGER,
        ALL
    }

    /** Which calls. The probe asks below {@code .lockstep}, the scan below the tree; either alone must be enough. */
    enum Target {
        /** Everything that the probe does. */
        PROBE(AGENTS, Operation.ALL),
        /** The probe's reads; a stat answers. */
        PROBE_READ(AGENTS, Set.of(Operation.READ)),
        /** Every call there is. */
        EVERYTHING("", Operation.ALL),
        READDIR(TREE, Set.of(Operation.READDIR)),
        STAT(TREE, Set.of(Operation.STAT)),
        OPEN(TREE, Set.of(Operation.OPEN)),
        READ(TREE, Set.of(Operation.READ)),
        /** What changes something: while SHARED the beacon alone. */
        WRITE("", Operation.CHANGES);

        private final String below;
        private final Set<Operation> operations;

        Target(String below, Set<Operation> operations) {
            this.below = below;
            this.operations = operations;
        }

        /** The scan opens only what it has not read before. */
        boolean needsNewContent() {
            return this == OPEN || this == READ;
        }
    }

    List<Fault> faults() {
        return List.of(new Fault(kind, target.operations, target.below));
    }

    boolean onNewContent() {
        return target.needsNewContent();
    }

    boolean isHang() {
        return kind == Kind.HANG;
    }

    /** Whether the mount is lost; else it is good for reading at least. */
    boolean isLost() {
        return reason != Reason.OK && !(target == Target.WRITE && Set.of(Reason.READ_ONLY, Reason.NO_SPACE, Reason.NO_PERMISSION).contains(reason));
    }

    /** A choice in which every kind, target and site occurs; or every combination that there can be. */
    static Stream<FaultCase> all(boolean everything) {
        if (everything) {
            var cases = new ArrayList<FaultCase>();
            for (var kind : EnumSet.allOf(Kind.class)) {
                for (var target : Target.values()) {
                    for (var site : Site.values()) {
                        if (isPossible(kind, target)) {
                            cases.add(of(kind, target, site));
                        }
                    }
                }
            }
            return cases.stream();
        }
        return Stream.of(
                of(Kind.HANG, Target.PROBE, Site.WORKER),
                of(Kind.HANG, Target.PROBE_READ, Site.MANAGER),
                of(Kind.HANG, Target.EVERYTHING, Site.ALL),
                of(Kind.HANG, Target.READDIR, Site.WORKER),
                of(Kind.HANG, Target.STAT, Site.MANAGER),
                of(Kind.HANG, Target.OPEN, Site.ALL),
                of(Kind.HANG, Target.WRITE, Site.WORKER),
                of(Kind.EIO, Target.PROBE, Site.ALL),
                of(Kind.EIO, Target.READDIR, Site.WORKER),
                of(Kind.EIO, Target.STAT, Site.MANAGER),
                of(Kind.EIO, Target.READ, Site.ALL),
                of(Kind.EIO, Target.WRITE, Site.WORKER),
                of(Kind.ESTALE, Target.PROBE, Site.MANAGER),
                of(Kind.ESTALE, Target.READDIR, Site.ALL),
                of(Kind.ENOTCONN, Target.EVERYTHING, Site.WORKER),
                of(Kind.EACCES, Target.PROBE, Site.WORKER),
                of(Kind.EROFS, Target.WRITE, Site.ALL),
                of(Kind.ENOSPC, Target.WRITE, Site.MANAGER),
                of(Kind.TRUNCATE, Target.PROBE, Site.WORKER),
                of(Kind.TRUNCATE, Target.READ, Site.ALL),
                of(Kind.DELAY, Target.PROBE, Site.ALL));
    }

    private static boolean isPossible(Kind kind, Target target) {
        return switch (kind) {
            case EROFS, ENOSPC -> target == Target.WRITE;
            case TRUNCATE -> target == Target.PROBE || target == Target.PROBE_READ || target == Target.READ;
            case DELAY -> target != Target.EVERYTHING;
            default -> true;
        };
    }

    private static FaultCase of(Kind kind, Target target, Site site) {
        return new FaultCase(kind, target, site, reason(kind, target));
    }

    private static Reason reason(Kind kind, Target target) {
        return switch (kind) {
            case HANG -> Reason.SHARE_HUNG;
            case DELAY -> Reason.OK;
            // A file that is short is no file of the generation; what is wrong with the mount only a marker can tell.
            case TRUNCATE -> target == Target.READ ? Reason.OK : Reason.SHARE_IO_ERROR;
            case EIO -> Reason.SHARE_IO_ERROR;
            case EACCES -> Reason.NO_PERMISSION;
            case ENOSPC -> Reason.NO_SPACE;
            case EROFS -> Reason.READ_ONLY;
            case ENOTCONN -> Reason.NOT_CONNECTED;
            case ESTALE -> Reason.STALE_HANDLE;
        };
    }

    @Override
    public String toString() {
        return (kind + " of " + target + " on " + site).toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
