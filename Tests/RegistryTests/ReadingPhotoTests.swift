import Registry
import TestSupport
import Testing

/// Photos by their structure: whole ones are taken, everything else is refused with the reason.
struct ReadingPhotoTests {
    private func fault(_ content: [UInt8]) -> PhotoFault? {
        do throws(PhotoFault) {
            _ = try ReadingPhoto(content: content)
            return nil
        } catch {
            return error
        }
    }

    @Test func `whole pictures are taken, told by what they are`() throws {
        #expect(try ReadingPhoto(content: TestPhoto.jpeg).mediaType == "image/jpeg")
        #expect(try ReadingPhoto(content: TestPhoto.png).mediaType == "image/png")
    }

    @Test func `what stands behind a picture is not kept`() throws {
        for picture in [TestPhoto.jpeg, TestPhoto.png] {
            let longer = picture + Array("<script>alert(1)</script>".utf8)
            #expect(try ReadingPhoto(content: longer).content == picture)
        }
    }

    @Test func `a picture that is cut off anywhere is refused`() {
        for picture in [TestPhoto.jpeg, TestPhoto.png] {
            for count in picture.indices {
                #expect(fault(Array(picture.prefix(count))) != nil, "\(count) bytes")
            }
        }
    }

    @Test func `a byte of a PNG that is not as it was sent is seen`() {
        for place in TestPhoto.png.indices {
            var picture = TestPhoto.png
            picture[place] ^= 0x10
            #expect(fault(picture) != nil, "byte \(place)")
        }
    }

    @Test func `other contents, pictures without a picture and bombs are refused`() throws {
        #expect(fault([]) == .unknownFormat)
        #expect(fault(Array("<svg onload=alert(1)>".utf8)) == .unknownFormat)
        #expect(fault(Array("GIF89a".utf8)) == .unknownFormat)
        #expect(fault([0xFF, 0xD8, 0xFF, 0xD9]) == .broken("there is no picture in it"))
        #expect(fault([0xFF, 0xD8, 0xFF, 0xE0, 1, 2]) != nil)
        // Width and height of the frame: 65,535 each.
        var bomb = TestPhoto.jpeg
        let frame = try #require(bomb.firstIndex(of: 0xC0))
        bomb.replaceSubrange(frame + 4..<frame + 8, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(fault(bomb) == .tooManyPixels(width: 65_535, height: 65_535))
        bomb.replaceSubrange(frame + 4..<frame + 8, with: [0, 0, 0, 8])
        #expect(fault(bomb) == .broken("it has no width or height"))
        #expect(fault(bomb)?.reason.contains("JPEG or PNG") == true)
    }

    @Test func `codes within a scan that look like markers are passed over`() throws {
        let scan = try #require(TestPhoto.jpeg.lastIndex(of: 0x3F))
        var picture = TestPhoto.jpeg
        picture.replaceSubrange(scan...scan, with: [0xFF, 0x00, 0xFF, 0xD0, 0x3F, 0xFF, 0xFF])
        #expect(try ReadingPhoto(content: picture).content == picture)
    }
}
