package io.lockstep.agent.http;

import io.lockstep.agent.tls.CertificateNames;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Names the caller by its certificate, and refuses with 403 a certificate whose name is not configured. */
final class MemberCheck extends Handler.Wrapper {
    private final Predicate<String> members;

    MemberCheck(Predicate<String> members, Handler handler) {
        super(handler);
        this.members = members;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Optional<String> name = nameOf(request);
        if (name.isEmpty()) {
            return JsonAnswer.send(response, callback, 403, "the certificate has no common name");
        }
        if (!members.test(name.get())) {
            return JsonAnswer.send(
                    response, callback, 403, "the certificate's name " + name.get() + " is not a configured member");
        }
        request.setAttribute(PeerName.ATTRIBUTE, new PeerName(name.get()));
        return super.handle(request, response, callback);
    }

    private static Optional<String> nameOf(Request request) {
        if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData session) {
            X509Certificate[] chain = session.peerCertificates();
            if (chain != null && chain.length > 0) {
                return CertificateNames.commonName(chain[0]);
            }
        }
        return Optional.empty();
    }
}
