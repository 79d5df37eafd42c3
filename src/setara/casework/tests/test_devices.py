"""Cameras and readers: the simulator as a real process, and a file in place of the camera."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from setara.casework.devices import CaptureDevice, PhotoFile, SimulatedDevice
from setara.kernel.errors import Refused, Unavailable
from setara.site.outside.process import running


def test_the_simulated_devices_deliver_and_refuse() -> None:
    with running(retake_rate=0.2) as process:
        device: CaptureDevice = SimulatedDevice(process.base_url)
        poor: list[Refused] = []
        for number in range(60):
            for kind in ("photo", "fingerprints"):
                try:
                    capture = device.capture(kind, f"s-{number}")
                except Refused as error:
                    poor.append(error)
                    continue
                assert capture.quality is not None
                assert 70 <= capture.quality <= 99
                assert capture.device == f"SIMULASI-{kind}-1"
                if kind == "photo":
                    with Image.open(io.BytesIO(capture.data)) as image:
                        assert (capture.mime, image.format) == ("image/jpeg", "JPEG")
                else:
                    assert capture.data.startswith(b"SIMULASI")
        assert 8 < len(poor) < 48
        assert {error.code for error in poor} == {"low_quality"}
        assert all("dari 100" in str(error.message) and str(error.remedy) for error in poor)
        assert len({str(error.message) for error in poor}) > 1, "the score is that of the device"
        with pytest.raises(Refused) as other:
            device.capture("iris", "s")
        assert other.value.code == "kind_not_offered"
    with pytest.raises(Unavailable) as down:
        device.capture("photo", "s")
    assert down.value.code == "device_down"


def test_a_file_in_place_of_the_camera() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(out, "JPEG")
    device: CaptureDevice = PhotoFile(out.getvalue())
    capture = device.capture("photo", "s-1")
    assert (capture.data, capture.mime, capture.quality, capture.device) == (
        out.getvalue(),
        "image/jpeg",
        None,
        "file",
    )
    with pytest.raises(Refused) as refused:
        device.capture("fingerprints", "s-1")
    assert refused.value.code == "kind_not_offered"
    with pytest.raises(ValueError, match="JPEG"):
        PhotoFile(b"%PDF-1.7")
