"""An appraisal from folder to files: play the games, gather the findings, write the outputs."""
