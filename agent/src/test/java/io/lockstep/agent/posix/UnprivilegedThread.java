package io.lockstep.agent.posix;

import com.sun.jna.Function;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs something as a user to whom permission bits apply, though the tests run as root: the thread's own file system
 * user is changed (setfsuid(2)), and with it root's power over files is gone for this thread alone.
 */
public final class UnprivilegedThread {
    private static final int NOBODY = 65534;

    private UnprivilegedThread() {}

    /** What {@code action} returns there. */
    public static <T> T call(Supplier<T> action) throws InterruptedException {
        var result = new AtomicReference<@Nullable T>();
        var thread = new Thread(() -> {
            if (Function.getFunction("c", "geteuid").invokeInt(new Object[0]) == 0) {
                Function.getFunction("c", "setfsuid").invokeInt(new Object[] {NOBODY});
            }
            result.set(action.get());
        });
        thread.start();
        thread.join();
        return Optional.ofNullable(result.get()).orElseThrow();
    }
}
