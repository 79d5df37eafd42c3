"""The systems outside the office, played by one process for the demo and for the simulated day.

Treasury and bank, camera and fingerprint reader, message gateway: each answers over HTTP as its real
counterpart would, can be switched off for a while, and marks everything that it shows as SIMULASI.
"""
