package io.lockstep.agent.http;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** {@code /metrics}: the Prometheus text format 0.0.4. */
public final class MetricsServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient Supplier<String> scrape;

    public MetricsServlet(Supplier<String> scrape) {
        this.scrape = scrape;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var bytes = scrape.get().getBytes(StandardCharsets.UTF_8);
        response.setContentType("text/plain; version=0.0.4; charset=utf-8");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
