"""Satisfaction measured so that the numbers can be believed: SKM, SPKP, SPAK, SERVQUAL, IPA, CSI."""
