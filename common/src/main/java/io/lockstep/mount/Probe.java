package io.lockstep.mount;

import io.lockstep.cluster.Reason;
import java.time.Duration;
import java.util.List;

/** What came of one probe of the share. */
public sealed interface Probe {
    /** Every tree was looked at; each call answered, well or not. */
    record Looked(List<TreeSight> trees) implements Probe {
        public Looked {
            trees = List.copyOf(trees);
        }
    }

    /**
     * It did not end within its deadline and was given up.
     *
     * @param step the call that had not answered, such as {@code "read of /mnt/wso2/server/.lockstep/cluster"}
     */
    record Hung(String step, Duration waited) implements Probe {}

    /** It could not be tried at all, which says nothing of the share. */
    record NotTried(Reason reason, String detail) implements Probe {}
}
