package io.lockstep.agent.loop;

import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import java.util.Map;

/** What a scan of all trees in one place came to. */
public sealed interface TreeScan {
    /** Every tree was scanned; by the tree's name. */
    record Scanned(Map<String, Inventory> inventories) implements TreeScan {
        public Scanned {
            inventories = Map.copyOf(inventories);
        }
    }

    /**
     * Some tree could not be scanned, so nothing is known of any.
     *
     * @param detail the path and what was seen there, for people
     */
    record Failed(Reason reason, String detail) implements TreeScan {}
}
