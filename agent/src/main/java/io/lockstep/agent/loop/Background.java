package io.lockstep.agent.loop;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * At most one piece of work that the control thread has others do and whose result it collects later. Only the control
 * thread calls the methods.
 */
final class Background<T> {
    private final Executor executor;
    private final Runnable whenDone;
    private Optional<CompletableFuture<T>> running = Optional.empty();

    /** @param whenDone called on the worker's thread when a result is there */
    Background(Executor executor, Runnable whenDone) {
        this.executor = executor;
        this.whenDone = whenDone;
    }

    boolean isRunning() {
        return running.isPresent();
    }

    /** Starts the work. Nothing may be running. */
    void start(Callable<T> work) {
        if (running.isPresent()) {
            throw new IllegalStateException("the work before has not been collected");
        }
        var future = new CompletableFuture<T>();
        running = Optional.of(future);
        executor.execute(() -> {
            try {
                future.complete(work.call());
            } catch (Throwable e) {
                // Every failure reaches the control thread, which decides what it means.
                future.completeExceptionally(e);
            }
            whenDone.run();
        });
    }

    /**
     * The result, once: empty while there is none.
     *
     * @throws CompletionException when the work failed in a way that its port does not announce
     */
    Optional<T> collect() {
        if (running.isEmpty() || !running.get().isDone()) {
            return Optional.empty();
        }
        var done = running.get();
        running = Optional.empty();
        return Optional.of(done.join());
    }
}
