import HTTPTypes
package import Hummingbird
import NIOCore
package import Registry

extension Response {
    /// A photo that somebody sent: shown as the picture it is, never run, never kept by caches, and
    /// not for pages of other sites.
    package static func photo(_ photo: ReadingPhoto) -> Response {
        let ending = photo.mediaType == "image/png" ? "png" : "jpg"
        return Response(
            status: .ok,
            headers: [
                .contentType: photo.mediaType,
                .contentDisposition: "inline; filename=\"meter.\(ending)\"",
                .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "default-src 'none'; sandbox; frame-ancestors 'none'",
                .cacheControl: "private, no-store",
                .crossOriginResourcePolicy: "same-origin",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: photo.content))
        )
    }
}
